use super::Example;

pub(super) const ALL: &[Example] = &[
    Example::of(
        "C001",
        "theme.css",
        ".entrance { background-image: url(https://cdn.example/hills.webp); }\n",
        ".entrance { background-image: linear-gradient(white, silver); }\n",
    ),
    Example::of(
        "C002",
        "theme.css",
        "@import \"headings.css\";\n",
        "h1 { letter-spacing: 0.02em; }\n",
    ),
    Example::of(
        "C003",
        "theme.css",
        ".entrance-brand { margin-left: 1rem; }\n",
        ".entrance-brand { margin-inline-start: 1rem; }\n",
    ),
    Example::of(
        "C004",
        "theme.css",
        ".entrance-card { border: 0;\n",
        ".entrance-card { border: 0; }\n",
    ),
    Example::of(
        "C005",
        "theme.css",
        ".lead { font-size: 14px; }\n",
        ".lead { font-size: 0.875rem; }\n",
    ),
    Example::of(
        "C006",
        "theme.css",
        "@keyframes shake { to { rotate: 2deg; } }\n.summary { animation: shake 0.2s; }\n",
        "@keyframes shake { to { rotate: 2deg; } }\n@media (prefers-reduced-motion: no-preference) {\n  .summary { animation: shake 0.2s; }\n}\n",
    ),
    Example::of(
        "C007",
        "theme.css",
        ".lead { color: var(--color-primry); }\n",
        ".lead { color: var(--color-primary); }\n",
    ),
    Example::of(
        "C009",
        "theme.css",
        ".lead::before { content: \"→ ;\n}\n",
        ".lead::before { content: \"→ \";\n}\n",
    ),
    Example::of(
        "C010",
        "theme.css",
        ".lead {\n  color: red\n  margin: 0;\n}\n",
        ".lead {\n  color: red;\n  margin: 0;\n}\n",
    ),
    Example::of(
        "C011",
        "theme.css",
        ".lead { boder-width: 2px; }\n",
        ".lead { border-width: 2px; }\n",
    ),
    Example::of(
        "A012",
        "theme.css",
        ".btn:focus-visible { outline: none; }\n",
        ".btn:focus-visible { outline-offset: 4px; }\n",
    ),
];

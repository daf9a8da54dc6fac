use super::Example;

pub(super) const ALL: &[Example] = &[
    Example::of(
        "M001",
        "theme.toml",
        "name = \"acme\"\nversion = 1.0\nlicense = \"MIT\"\ncontract = 1\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    ),
    Example::of(
        "M002",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 99\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    ),
    Example::of(
        "M003",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nauthor = \"Ada\"\ncontract = 1\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nauthors = [\"Ada\"]\ncontract = 1\n",
    ),
    Example::of(
        "M004",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nextends = \"dasy\"\ncontract = 1\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nextends = \"daisy\"\ncontract = 1\n",
    ),
    Example::of(
        "M005",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n\n\
         [options.claim]\ntype = \"color\"\ndefault = \"bluish\"\ncss_vars = [\"--claim\"]\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n\n\
         [options.claim]\ntype = \"color\"\ndefault = \"#0b5fff\"\ncss_vars = [\"--claim\"]\n",
    )
    .beside(&[("theme.css", ".entrance-card { border-color: var(--claim, blue); }\n")]),
    Example::of(
        "M006",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n\n\
         [options.claim]\ntype = \"text\"\ndefault = \"For everyone\"\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    ),
    Example::of(
        "M007",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block main %}\n<p>{{ theme.options.tagine }}</p>\n{{ super() }}\n{% endblock %}\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n<p>{{ theme.options.tagline }}</p>\n{{ super() }}\n{% endblock %}\n",
    ),
    Example::of(
        "M008",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\ncontract = 1\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    ),
    Example::of(
        "M009",
        "theme.toml",
        "",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    )
    .beside(&[("theme.css", ".entrance-card { border: 0; }\n")]),
];

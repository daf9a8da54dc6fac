use super::Example;

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\"><circle r=\"20\"/></svg>\n";

pub(super) const ALL: &[Example] = &[
    Example::of(
        "F001",
        "theme.css",
        ".entrance { background-image: url(lgo.svg); }\n",
        ".entrance { background-image: url(logo.svg); }\n",
    )
    .beside(&[("assets/logo.svg", LOGO)]),
    Example::of("F002", "assets/hills.svg", LOGO, ""),
    Example::of("F003", "assets/logo.png", "a picture of 2 MB", "the same as .webp, 90 kB"),
    Example::of(
        "F004",
        "assets/logo.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"20\"/></svg>\n",
        LOGO,
    ),
    Example::of(
        "F005",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p class=\"leed\">{{ brand.tagline }}</p>\n{% endblock %}\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p class=\"lead\">{{ brand.tagline }}</p>\n{% endblock %}\n",
    ),
    Example::of(
        "F006",
        "assets/logo.png",
        "a picture of 190 kB on every page",
        "the same in 20 kB",
    ),
    Example::of("F007", "assets/logo.svg", "a link to ../../logo.svg", "a copy of that file"),
    Example::of("F008", "assets/logo.svg", "a link to a file that is not there", "the file itself"),
    Example::of("F009", "assets/logo 2.svg", LOGO, ""),
    Example::of(
        "C008",
        "theme.css",
        ".entrance-crad { border: 0; }\n",
        ".entrance-card { border: 0; }\n",
    ),
];

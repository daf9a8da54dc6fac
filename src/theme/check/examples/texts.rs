use super::Example;

pub(super) const ALL: &[Example] = &[
    Example::of(
        "L001",
        "page/welcome.html",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ t(\"welcome.helo\") }}</p>\n{% endblock %}\n",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ t(\"welcome.hello\") }}</p>\n{% endblock %}\n",
    ),
    Example::of("L002", "locales/de.ftl", "title-login = Willkommen\n", "title-login = Willkommen\nclaim = Für alle\n")
        .beside(&[
            ("locales/en.ftl", "claim = For everyone\n"),
            (
                "page/login.html",
                "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ t(\"claim\") }}</p>\n{% endblock %}\n",
            ),
        ]),
    Example::of("L003", "locales/en.ftl", "titel-login = Come in\n", "title-login = Come in\n"),
    Example::of(
        "L004",
        "locales/de.ftl",
        "retry-line = Bitte { $wann } noch einmal.\n",
        "retry-line = Bitte { $when } noch einmal.\n",
    ),
    Example::of("L005", "locales/en.ftl", "title-login = <b>Come in</b>\n", "title-login = Come in\n"),
    Example::of(
        "L006",
        "theme.toml",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nlocales = [\"en\", \"it\"]\ncontract = 1\n",
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\nlocales = [\"en\", \"de\"]\ncontract = 1\n",
    ),
    Example::of("L007", "locales/en.ftl", "title-login Come in\n", "title-login = Come in\n"),
    Example::of("L008", "locales/german.ftl", "title-login = Willkommen\n", ""),
];

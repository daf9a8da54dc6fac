use super::Example;

pub(super) const ALL: &[Example] = &[
    Example::of(
        "T001",
        "element/button.html",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }</button>\n",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }}</button>\n",
    ),
    Example::of(
        "T002",
        "element/button.html",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.sumbit }}</button>\n",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }}</button>\n",
    ),
    Example::of(
        "T003",
        "element/button.html",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit|trimm }}</button>\n",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit|trim }}</button>\n",
    ),
    Example::of(
        "T004",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n{% include \"element/foter.html\" %}\n{% endblock %}\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n{% include \"element/footer.html\" %}\n{% endblock %}\n",
    ),
    Example::of(
        "T005",
        "element/buton.html",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }}</button>\n",
        "",
    ),
    Example::of(
        "T007",
        "page/welcome.html",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p><bdi>{{ user.name|safe }}</bdi></p>\n{% endblock %}\n",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p><bdi>{{ user.name }}</bdi></p>\n{% endblock %}\n",
    ),
    Example::of("T008", "page/login.htm", "{% extends \"page/login.html\" %}\n", ""),
    Example::of(
        "T009",
        "element/button.html",
        "{# ejected from daisy 0.9.0, element/button.html, sha256 2cf24dba5fb0a30e #}\n<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }}</button>\n",
        "<button class=\"btn btn-primary\" type=\"submit\">{{ form.submit }}</button>\n",
    ),
    Example::of(
        "T010",
        "page/plain.html",
        "{% extends \"base.html\" %}\n{% block body %}\n<main id=\"main\">\n{% include \"element/messages.html\" %}\n<h1>{{ page.title }}</h1>\n</main>\n{% include \"element/languages.html\" %}\n{% endblock %}\n",
        "{% extends \"base.html\" %}\n{% block body %}\n<main id=\"main\">\n{% block main %}\n{% include \"element/messages.html\" %}\n<h1>{{ page.title }}</h1>\n{% endblock %}\n</main>\n{% include \"element/languages.html\" %}\n{% endblock %}\n",
    )
    .beside(&[(
        "layout/entrance.html",
        "{% extends \"base.html\" %}\n{% block body %}\n{% include \"element/nav.html\" %}\n<main id=\"main\">\n{% block main %}{% endblock %}\n</main>\n{% include \"element/footer.html\" %}\n{% include \"element/languages.html\" %}\n{% endblock %}\n",
    )]),
    Example::of(
        "T011",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block mian %}\n<p>{{ brand.tagline }}</p>\n{% endblock %}\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ brand.tagline }}</p>\n{% endblock %}\n",
    ),
    Example::of(
        "T012",
        "page/error.html",
        "{% extends \"page/error.html\" %}\n{% block main %}\n{{ super() }}\n<p><a href=\"/login\">{{ t(\"title.login\") }}</a></p>\n{% endblock %}\n",
        "{% extends \"page/error.html\" %}\n{% block main %}\n{{ super() }}\n<p><a href=\"{{ urls.login }}\">{{ t(\"title.login\") }}</a></p>\n{% endblock %}\n",
    ),
    Example::of(
        "T013",
        "page/welcome.html",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p>Nice to see you</p>\n{% endblock %}\n",
        "{% extends \"page/welcome.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ t(\"welcome.hello\") }}</p>\n{% endblock %}\n",
    ),
    Example::of(
        "T014",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ features.register }}</p>\n{% endblock %}\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n{% if features.register %}\n<p>{{ t(\"login.no_account\") }}</p>\n{% endif %}\n{% endblock %}\n",
    ),
    Example::of(
        "T015",
        "page/login.html",
        "{% extends \"page/login.html\" %}\n<p>{{ brand.tagline }}</p>\n",
        "{% extends \"page/login.html\" %}\n{% block main %}\n{{ super() }}\n<p>{{ brand.tagline }}</p>\n{% endblock %}\n",
    ),
    Example::of(
        "T016",
        "mail/reset.txt",
        "{{ t(\"mail.reset.subject\", site=site) }}\n{{ link|int }}\n",
        "{{ t(\"mail.reset.subject\", site=site) }}\n{{ link }}\n",
    ),
    Example::of(
        "I001",
        "page/login.html",
        "{# check: ignore T013 #}\n{% extends \"page/login.html\" %}\n",
        "{% extends \"page/login.html\" %}\n",
    ),
    Example::of(
        "I002",
        "page/login.html",
        "{% extends \"page/login.html\" %}{# check: ignore T099 #}\n",
        "{% extends \"page/login.html\" %}\n",
    ),
];

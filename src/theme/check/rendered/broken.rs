//! For each rule a theme that breaks it.

use self::Change::{Edit, File, Head, More};
use crate::theme::check::Example;

/// One change to a theme that is otherwise daisy.
pub(super) enum Change {
    /// A file of its own.
    File(&'static str, &'static str),
    /// A file of daisy with another text for one of its texts, wherever that stands.
    Edit(&'static str, &'static str, &'static str),
    /// A page with something more at its end.
    More(&'static str, &'static str),
    /// A page with something in its head.
    Head(&'static str, &'static str),
}

/// How each rule is broken; where a file of daisy is changed, also how it is kept.
pub(in crate::theme::check) fn examples() -> impl Iterator<Item = Example> {
    CASES.iter().filter_map(|(rule, changes)| {
        let (file, wrong, right) = match changes.first()? {
            File(file, text) => (*file, *text, ""),
            Edit(file, from, to) => (*file, *to, *from),
            More(file, more) | Head(file, more) => (*file, *more, ""),
        };
        Some(Example { rule, file, wrong, right, beside: &[] })
    })
}

const LOGIN: &str = "page/login.html";
const WELCOME: &str = "page/welcome.html";
const ERROR: &str = "page/error.html";
const BASE: &str = "base.html";
const FORM: &str = "element/form.html";
const FIELD: &str = "element/field.html";
const ATTRIBUTES: &str = "part/field_attributes.html";
const SUMMARY: &str = "element/summary.html";
const BUTTON: &str = "element/button.html";
const LANGUAGES: &str = "element/languages.html";

const HTMX: &str = "<meta name=\"htmx-config\" content='{\"history\": false, \"includeIndicatorCSS\": false}'>\n\
    <script src=\"{{ asset(\"htmx-4.0.1.min.js\") }}\" defer></script>";

#[rustfmt::skip]
pub(super) const CASES: &[(&str, &[Change])] = &[
    ("R001", &[More("page/register.html", "{% if next %}{{ next.label }}{% endif %}")]),
    ("R002", &[Edit(FORM, " method=\"post\"", " method=\"get\"")]),
    ("R003", &[File("part/csrf.html", "")]),
    ("R004", &[Edit(FORM, "{% for field in form.fields %}", "{% for field in form.fields if field.widget != \"hidden\" %}")]),
    ("R005", &[File(BUTTON, "<button type=\"button\">{{ form.submit }}</button>")]),
    ("R006", &[More(LOGIN, "<p><a href=\"{{ urls.register }}\">New here?</a></p>")]),
    ("R007", &[Edit(SUMMARY, "{% for item in form.summary %}", "{% for item in form.summary if item.href %}")]),
    ("R008", &[Edit(SUMMARY, "{% if retry %}", "{% if false %}")]),
    ("R009", &[Edit(FIELD, " and field.type != \"password\"", "")]),
    ("R010", &[More(WELCOME, "<script type=\"application/json\">{{ user.name }}</script>")]),
    ("R011", &[Edit(ERROR, "{% if error.request_id %}", "{% if false %}")]),
    ("R012", &[File(LOGIN, "{% extends \"base.html\" %}\n{% block body %}<main id=\"main\">{% block main %}\n\
        {% include \"element/messages.html\" %}<h1>{{ page.title }}</h1>{% include \"element/form.html\" %}\n\
        {% endblock %}</main>{% include \"element/languages.html\" %}{% endblock %}")]),
    ("R014", &[More(ERROR, "{% for a in range(150) %}{% for b in range(100) %}x{% endfor %}{% endfor %}")]),
    ("R015", &[Edit("element/messages.html", "{% include \"element/notice.html\" %}", "")]),
    ("R016", &[Edit(FIELD, "{%- if field.value and", "{%- if false and")]),
    ("R017", &[Edit("part/field_notes.html", "id=\"{{ field.hint_id }}\"", "id=\"{{ field.hint_id }}\" hidden")]),
    ("R018", &[Edit(FIELD, "{% for option in field.options %}", "{% for option in field.options if option.value != \"l\" %}")]),
    ("R019", &[Edit(ERROR, "href=\"{{ error.retry_url }}\"", "href=\"{{ urls.home }}\"")]),
    ("R020", &[Edit(FORM, " novalidate", " novalidate enctype=\"multipart/form-data\"")]),
    ("R021", &[More(LOGIN, "<p>{{ form.valid }}</p>")]),
    ("R022", &[File(BUTTON, "<button type=\"submit\">OK</button>")]),
    ("R023", &[File(LANGUAGES, "")]),

    ("H001", &[More(LOGIN, "<div><p>x</p>")]),
    ("H002", &[More(LOGIN, "<p id=\"main\">x</p>")]),
    ("H003", &[More(LOGIN, "<a href=\"/x\"><button type=\"button\">x</button></a>")]),
    ("H004", &[Edit(BASE, "<!doctype html>", "")]),
    ("H005", &[Edit(BASE, "<meta charset=\"utf-8\">", "")]),
    ("H006", &[More(LOGIN, "<p><font>x</font></p>")]),
    ("H007", &[More(LOGIN, "<p><label for=\"nothing\">x</label></p>")]),
    ("H008", &[More(LOGIN, "<p id=\"a b\">x</p>")]),
    ("H009", &[More(LOGIN, "<div><li>x</li></div>")]),
    ("H010", &[More(LOGIN, "<p><lable>x</lable></p>")]),

    ("A001", &[More(LOGIN, "<form><p><input name=\"q\" placeholder=\"Search\"></p></form>")]),
    ("A002", &[Edit("part/field_errors.html", "id=\"{{ field.error_id }}\"", "id=\"{{ field.error_id }}-x\"")]),
    ("A003", &[Edit(ATTRIBUTES, " aria-invalid=\"true\"", "")]),
    ("A004", &[Edit(BASE, " dir=\"{{ dir }}\"", "")]),
    ("A005", &[File("part/title.html", "{{ page.title }}")]),
    ("A006", &[More(LOGIN, "<h1>More</h1>")]),
    ("A007", &[Edit(SUMMARY, "<a href=\"{{ item.href }}\">{{ item.text }}</a>", "{{ item.text }}")]),
    ("A008", &[Edit("element/notice.html", " role=\"status\"", "")]),
    ("A009", &[More(LOGIN, "<img src=\"/x.png\">")]),
    ("A010", &[File("theme.toml", "name = \"acme\"\nversion = \"1.0.0\"\ncontract = 1\n[defaults]\naccent = \"#ffff99\"\n")]),
    ("A011", &[More(LOGIN, "<p tabindex=\"3\">x</p>")]),
    ("A013", &[Edit(BASE, "initial-scale=1", "initial-scale=1, user-scalable=no")]),
    ("A014", &[Edit(BASE, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "")]),
    ("A015", &[More(LOGIN, "<button type=\"button\"></button>")]),
    ("A016", &[More(LOGIN, "<a href=\"/x\"></a>")]),
    ("A017", &[More(LOGIN, "<a href=\"/a\">More</a> <a href=\"/b\">More</a>")]),
    ("A018", &[More(LOGIN, "<h4>x</h4>")]),
    ("A019", &[More(LOGIN, "<h2></h2>")]),
    ("A020", &[Edit("element/nav.html", " aria-label=\"{{ t(\"nav.label\") }}\"", "")]),
    ("A021", &[Edit(LANGUAGES, " lang=\"{{ locale.tag }}\"", "")]),
    ("A022", &[More(LOGIN, "<button type=\"button\" aria-label=\"Shut\">Close</button>")]),
    ("A023", &[Edit(SUMMARY, " autofocus", "")]),
    ("A024", &[More(LOGIN, "<a href=\"/x\" aria-hidden=\"true\">x</a>")]),
    ("A025", &[More(LOGIN, "<div role=\"buton\">x</div>")]),
    ("A026", &[More(LOGIN, "<p aria-labeledby=\"main\">x</p>")]),
    ("A027", &[Edit(FIELD, "<legend>", "<p>"), Edit(FIELD, "</legend>", "</p>")]),
    ("A028", &[More(LOGIN, "<a href=\"#content\">Skip</a>")]),
    ("A029", &[Edit(ATTRIBUTES, " required{% endif %}", "{% endif %}")]),
    ("A030", &[More(WELCOME, "<p>{{ user.name }}</p>")]),
    ("A031", &[More(LOGIN, "<table><tr><td>x</td></tr></table>")]),
    ("A032", &[More(LOGIN, "<label>x</label>")]),
    ("A033", &[More(LOGIN, "<p lang=\"deutschland\">x</p>")]),
    ("A034", &[Edit(FORM, " novalidate", "")]),
    ("A035", &[More(LOGIN, "<a href=\"/x\" accesskey=\"s\">x</a>")]),
    ("A036", &[More(LOGIN, "<form><label for=\"q\">Search</label><input id=\"q\" name=\"q\" placeholder=\"Search\"></form>")]),

    ("P001", &[Edit(ATTRIBUTES, "autocomplete=\"{{ field.autocomplete }}\"", "autocomplete=\"{{ field.autocomplete|replace(\"current-\", \"\") }}\"")]),
    ("P002", &[Edit(FORM, " novalidate", " novalidate autocomplete=\"off\"")]),
    ("P003", &[Edit(FORM, "{% for field in form.fields %}", "{% for field in form.fields|reverse %}")]),
    ("P004", &[Edit(ATTRIBUTES, "{%- if field.minlength %}", "{%- if field.type == \"password\" %} maxlength=\"20\"{% endif %}{%- if field.minlength %}")]),
    ("P005", &[More(LOGIN, "<form><label for=\"c\">Code</label><input id=\"c\" name=\"c\" type=\"number\"></form>")]),
    ("P006", &[Edit(BUTTON, "type=\"submit\"", "type=\"submit\" disabled")]),
    ("P007", &[Edit(ATTRIBUTES, "autocomplete=\"{{ field.autocomplete }}\"", "autocomplete=\"{{ \"current-password\" if field.name == \"password_confirm\" else field.autocomplete }}\"")]),
    ("P008", &[Edit(FIELD, "type=\"{{ field.type }}\"", "type=\"{{ \"text\" if field.type == \"password\" else field.type }}\"")]),
    ("P009", &[Edit(ATTRIBUTES, " spellcheck=\"false\" autocapitalize=\"none\"", "")]),
    ("P010", &[More(LOGIN, "<form><label for=\"q\">Q</label><input id=\"q\" name=\"q\" inputmode=\"letters\"></form>")]),
    ("P011", &[More(LOGIN, "<form><label for=\"q\">Q</label><input id=\"q\" name=\"q\"><label for=\"r\">R</label><input id=\"r\" name=\"q\"></form>")]),

    ("S001", &[More(LOGIN, "<script>1</script>")]),
    ("S002", &[More(LOGIN, "<p style=\"color:red\">x</p>")]),
    ("S003", &[More(LOGIN, "<p onclick=\"x()\">x</p>")]),
    ("S004", &[More(LOGIN, "<img src=\"https://example.com/x.png\" alt=\"\">")]),
    ("S005", &[More(LOGIN, "<a href=\"/x\" target=\"_blank\">x</a>")]),
    ("S006", &[More(LOGIN, "<a href=\"javascript:x()\">x</a>")]),
    ("S007", &[More(LOGIN, "<a href=\"http://example.com\">x</a>")]),
    ("S008", &[More(LOGIN, "<form action=\"https://example.com\"><button>Go</button></form>")]),
    ("S009", &[Head(LOGIN, "<meta http-equiv=\"refresh\" content=\"9\">")]),
    ("S010", &[File("assets/mark.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>")]),
    ("S011", &[More(LOGIN, "<iframe src=\"/x\" title=\"x\"></iframe>")]),
    ("S012", &[Head(LOGIN, "<base href=\"/\">")]),
    ("S013", &[More(LOGIN, "<!-- note -->")]),
    ("S014", &[Head(LOGIN, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src *\">")]),

    ("X001", &[More(WELCOME, "<p hx-tigger=\"load\">x</p>")]),
    ("X002", &[Head(LOGIN, HTMX), Edit(LOGIN, "{% extends \"parent:page/login.html\" %}", "{% extends \"parent:page/login.html\" %}\n\
        {% block main %}<div hx-boost:inherited=\"true\">{{ super() }}</div>{% endblock %}")]),
    ("X003", &[More(WELCOME, "<form action=\"/x\" hx-get=\"/x\" hx-target=\"#nowhere\"><button>Go</button></form>")]),
    ("X004", &[More(WELCOME, "<div hx-boost=\"true\"><a href=\"/x\">x</a></div>")]),
    ("X005", &[More(WELCOME, "<button type=\"button\" hx-get=\"/x\">x</button>")]),
    ("X006", &[More(LOGIN, "<a href=\"/x\" hx-boost=\"true\">x</a>")]),
    ("X007", &[Head(LOGIN, HTMX)]),
    ("X008", &[More(WELCOME, "<form action=\"/x\" hx-get=\"/x\" hx-vals=\"js:{a:1}\"><button>Go</button></form>")]),
    ("X009", &[More(WELCOME, "<form action=\"/x\" hx-get=\"/x\" hx-swap=\"inerHTML\"><button>Go</button></form>")]),
    ("X010", &[Head(WELCOME, "<script src=\"{{ asset(\"htmx-4.0.1.min.js\") }}\" defer></script>")]),
];

//! What is read in a sheet, and what is noticed about one that is not whole.

use super::*;

#[test]
fn rules_and_declarations_are_found_whatever_is_around_them() {
    let source = "/* a{b:c} */@import \"x.css\";\n@media print{.a, .b\\:c:hover{margin-left : 1px;background:url(data:image/png;base64,AA==)}}\n.\\32xl{--y:1;color:var(--y);fill:var( --z , red)}";
    let css = Css::read(source);
    let classes: Vec<_> = css.classes().into_iter().map(|(name, _)| name).collect();
    assert_eq!(classes, ["a", "b:c", "2xl"]);
    let declared: Vec<_> =
        css.declarations.iter().map(|it| (css.text(&it.property), css.text(&it.value))).collect();
    assert_eq!(declared[0], ("margin-left", "1px"));
    assert_eq!(declared[1].1, "url(data:image/png;base64,AA==)");
    assert_eq!(css.statements.len(), 1);
    assert_eq!(css.around(1).collect::<Vec<_>>(), [".a, .b\\:c:hover", "@media print"]);
    assert_eq!(css.variables(), BTreeSet::from(["--y"]));
    let reads: Vec<_> = css.reads().map(|(name, _, safe)| (name, safe)).collect();
    assert_eq!(reads, [("--y", false), ("--z", true)]);
    let addresses: Vec<_> = css.addresses(source).into_iter().map(|(it, _)| it).collect();
    assert_eq!(addresses, ["x.css", "data:image/png;base64,AA=="]);
    assert_eq!(css.halves, []);
    assert!(css.without_colon.is_empty());
}

/// What a sheet lacks the other half of: the text of each half.
fn halves(source: &str) -> Vec<(&str, Kind)> {
    let halves = Css::read(source).halves.into_iter();
    halves.map(|half| (&source[half.at], half.kind)).collect()
}

#[test]
fn what_is_not_closed_is_noticed_where_it_opens() {
    let brace = ("{", Kind::Opening('{', '}'));
    let bracket = ("(", Kind::Opening('(', ')'));
    assert_eq!(halves("a{b:c"), [brace]);
    assert_eq!(halves("a{b:c}}"), [("}", Kind::Closing('}', '{'))]);
    assert_eq!(halves("a{b:calc(1px}"), [bracket]);
    assert_eq!(halves("a[b{c:d}"), [("[", Kind::Opening('[', ']'))]);
    assert_eq!(halves("a{b:c)}"), [(")", Kind::Closing(')', '('))]);
    assert_eq!(halves("a{b:url(x;\nc:d}e{f:g(h)}"), [bracket]);
    assert_eq!(halves("a{b:c} /* d"), [("/*", Kind::Comment)]);
    assert_eq!(halves("a{content:\"x;\nb:c}\nd{"), [("\"x;", Kind::Text), brace]);
    // What is missing may well be in the text.
    assert_eq!(halves("a{content:\"x}\nb{c:d}"), [("\"x}", Kind::Text)]);
}

#[test]
fn what_browsers_read_as_it_is_meant_is_whole() {
    for source in [
        "a::before{content:\"}\"}/*{*/",
        "a{content:\"x\\\ny\"}",
        "a{content:\"x\\\r\ny\"}",
        "a{content:'\\'{'}",
        ".w-\\[1px\\],.\\(x\\{{b:c}",
        "a{b:url(data:image/svg+xml,it's{)}",
        "a{b:URL( x\\)y )}",
        "a{b:url(\n x.svg\n)}",
        "@media print{a{b:c;&:hover{d:e}}}",
        "<!-- a{b:c} -->",
        "",
    ] {
        assert_eq!(halves(source), [], "{source}");
    }
}

#[test]
fn a_sheet_that_is_being_written_is_cut_off() {
    for (source, is_cut_off) in [
        ("a { color: red", true),
        ("a { content: \"x", true),
        ("a { color: red } /* and", true),
        ("a { content: \"x;\n color: red }", false),
        ("a { color: red }", false),
        ("a { content: \"{\" }", false),
        ("a { color: red }}", false),
    ] {
        assert_eq!(Css::read(source).is_cut_off(), is_cut_off, "{source}");
    }
}

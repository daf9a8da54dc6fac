//! The templates of a theme, parsed once for all rules, with what each of them mentions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use regex::Regex;

use super::Subject;
use super::markup::{self, Markup, Start};
use super::sheets::Sheets;
use super::tree::{self, Node, bytes, own_texts, path, place_of};
use crate::finding::Place;
use crate::theme::engine::is_template;
use crate::theme::files::{SourceFile, has_extension};
use crate::theme::layers::{Layer, Names, template_name};

/// A theme with its templates parsed.
pub(super) struct Reading<'a> {
    pub subject: &'a Subject,
    pub names: Names,
    /// Those of pages and mails of every layer, by the name that the engine knows them by.
    pub templates: BTreeMap<String, Template<'a>>,
    pub sheets: Sheets<'a>,
}

/// One template.
pub(super) struct Template<'a> {
    pub name: String,
    pub path: &'a str,
    pub file: &'a SourceFile,
    /// Whether it is reported on.
    pub is_own: bool,
    pub source: &'a str,
    /// Empty where it does not compile.
    pub tree: Vec<Stmt<'a>>,
    pub mentions: Mentions,
    pub markup: Markup<'a>,
}

/// Something that a template names, and where.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub name: String,
    pub at: Range<usize>,
}

/// A call of `t`: the key, and what it is given.
#[derive(Clone, Debug)]
pub(super) struct TextCall {
    pub key: Mention,
    /// None where they are not known from reading.
    pub parameters: Option<Vec<String>>,
}

/// What a template mentions by name.
#[derive(Default)]
pub(super) struct Mentions {
    pub extends: Option<Mention>,
    pub blocks: Vec<Mention>,
    /// Includes and imports that must be there.
    pub includes: Vec<Mention>,
    /// The beginnings of names that are put together on the way.
    pub include_starts: Vec<String>,
    pub texts: Vec<TextCall>,
    pub assets: Vec<Mention>,
    pub options: Vec<Mention>,
    /// Every text in an expression: what is not known otherwise may be meant by it.
    pub literals: Vec<Mention>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(subject: &'a Subject) -> Self {
        let files = &subject.files;
        let own: Vec<*const Layer> = subject.own_layers().map(std::ptr::from_ref).collect();
        let mut templates = BTreeMap::new();
        let is_meant = |path: &&str| is_template(path) || path.starts_with("mail/");
        for path in files.paths().into_iter().filter(is_meant) {
            for (depth, (layer, file)) in files.versions(path).enumerate() {
                let name = template_name(path, depth);
                let is_own = own.contains(&std::ptr::from_ref(layer));
                templates.insert(name.clone(), Template::of(name, path, file, is_own));
            }
        }
        let names = files.names();
        read_parts_of_tags(&names, &mut templates);
        Self { subject, names, templates, sheets: Sheets::of(subject) }
    }

    /// The templates that are reported on.
    pub(super) fn own(&self) -> impl Iterator<Item = &Template<'a>> {
        self.templates.values().filter(|template| template.is_own)
    }

    /// Those of pages, of every layer.
    pub(super) fn pages(&self) -> impl Iterator<Item = &Template<'a>> {
        self.templates.values().filter(|template| template.is_page())
    }

    /// The template that another means by a name.
    pub(super) fn meant(&self, name: &str, from: &Template<'_>) -> Option<&Template<'a>> {
        let meant = self.templates.get(&self.names.meant(name, &from.name));
        // Mails know nothing of pages, nor the other way round.
        meant.filter(|meant| meant.is_page() == from.is_page())
    }

    /// A template and those that it extends, the lowest last. A circle ends where it closes.
    pub(super) fn chain<'r>(&'r self, first: &'r Template<'a>) -> Vec<&'r Template<'a>> {
        let mut chain = vec![first];
        let mut last = first;
        while let Some(extends) = &last.mentions.extends
            && let Some(next) = self.meant(&extends.name, last)
            && !chain.iter().any(|known| known.name == next.name)
        {
            chain.push(next);
            last = next;
        }
        chain
    }
}

/// Reads those again that are included inside of a tag or of a value: what looks like text there is none.
fn read_parts_of_tags(names: &Names, templates: &mut BTreeMap<String, Template<'_>>) {
    let mut starts: BTreeMap<String, Start> = BTreeMap::new();
    loop {
        let mut more = BTreeMap::new();
        for from in templates.values() {
            let in_tags = from.markup.in_tags.iter().map(|name| (name, Start::InTag));
            let in_values = from.markup.in_values.iter().map(|name| (name, Start::InValue));
            for (name, start) in in_tags.chain(in_values) {
                more.entry(names.meant(name, &from.name)).or_insert(start);
            }
        }
        more.retain(|name, _| !starts.contains_key(name));
        if more.is_empty() {
            return;
        }
        for (name, start) in more {
            if let Some(template) = templates.get_mut(&name) {
                template.markup = markup::read(&template.tree, start);
            }
            starts.insert(name, start);
        }
    }
}

impl<'a> Template<'a> {
    fn of(name: String, path: &'a str, file: &'a SourceFile, is_own: bool) -> Self {
        let source = std::str::from_utf8(&file.bytes).unwrap_or_default();
        let tree: Vec<Stmt<'_>> = tree::parse(source).into_iter().collect();
        let mentions =
            if tree.is_empty() { Mentions::guessed(source) } else { Mentions::of(source, &tree) };
        let markup = markup::read(&tree, Start::Text);
        Self { name, path, file, is_own, source, tree, mentions, markup }
    }

    /// Whether it belongs to pages; otherwise it belongs to mails.
    pub(super) fn is_page(&self) -> bool {
        is_template(self.path)
    }

    /// The statements that are not inside of another.
    pub(super) fn top(&self) -> &[Stmt<'a>] {
        match self.tree.first() {
            Some(Stmt::Template(template)) => &template.children,
            _ => &[],
        }
    }

    pub(super) fn place(&self, at: Range<usize>) -> Place {
        self.file.place(at)
    }

    /// The place of a part of its source.
    pub(super) fn place_of(&self, part: &str) -> Place {
        self.place(place_of(self.source, part))
    }
}

impl Mentions {
    fn of(source: &str, tree: &[Stmt<'_>]) -> Self {
        let mut mentions = Self::default();
        tree::each(tree, &mut |node| mentions.note(source, node));
        mentions
    }

    /// What a template that does not compile may mention: nothing of it is held to be missing elsewhere.
    fn guessed(source: &str) -> Self {
        let mention = |part: &str| Mention { name: part.to_owned(), at: place_of(source, part) };
        // Quotes stand in quotes, so whatever is between any two of them may be meant.
        let parts = source.split(['"', '\'']).skip(1).filter(|part| !part.contains('\n'));
        let literals: Vec<Mention> = parts.map(mention).collect();
        let names = literals.iter().map(|it| it.name.clone());
        let include_starts = names.filter(|name| has_extension(name, "html")).collect();
        let options = OPTION.captures_iter(source).filter_map(|found| found.get(1));
        let options = options.map(|found| mention(found.as_str())).collect();
        Self { include_starts, options, literals, ..Self::default() }
    }

    fn note(&mut self, source: &str, node: Node<'_, '_>) {
        match node {
            Node::Stmt(Stmt::Block(it)) => {
                let at = place_of(source, it.name);
                self.blocks.push(Mention { name: it.name.to_owned(), at });
            }
            Node::Stmt(Stmt::Extends(it)) => self.extends = literal(&it.name),
            Node::Stmt(Stmt::Include(it)) => {
                if !it.ignore_missing {
                    self.note_include(&it.name);
                } else if let Some(texts) = own_texts(&it.name) {
                    self.include_starts.extend(texts.into_iter().map(|(name, _)| name));
                }
            }
            Node::Stmt(Stmt::Import(it)) => self.note_include(&it.expr),
            Node::Stmt(Stmt::FromImport(it)) => self.note_include(&it.expr),
            Node::Expr(Expr::Call(it)) => {
                if let Expr::Var(function) = &it.expr {
                    self.note_call(function.id, &it.args);
                }
            }
            Node::Expr(Expr::GetAttr(it)) if path(&it.expr).as_deref() == Some("theme.options") => {
                let end = it.span().end_offset as usize;
                let at = end.saturating_sub(it.name.len())..end;
                self.options.push(Mention { name: it.name.to_owned(), at });
            }
            Node::Expr(Expr::GetItem(it)) if path(&it.expr).as_deref() == Some("theme.options") => {
                self.options.extend(literal(&it.subscript_expr));
            }
            Node::Expr(expr @ Expr::Const(_)) => self.literals.extend(literal(expr)),
            _ => {}
        }
    }

    fn note_include(&mut self, name: &Expr<'_>) {
        if let Some(texts) = own_texts(name) {
            self.includes.extend(texts.into_iter().map(|(name, at)| Mention { name, at }));
            return;
        }
        tree::each_in(name, &mut |node| {
            if let Node::Expr(expr @ Expr::Const(_)) = node {
                self.include_starts.extend(literal(expr).map(|it| it.name));
            }
        });
    }

    fn note_call(&mut self, function: &str, arguments: &[CallArg<'_>]) {
        let Some(CallArg::Pos(first)) = arguments.first() else { return };
        let texts = own_texts(first).unwrap_or_default();
        let mentions = texts.into_iter().map(|(name, at)| Mention { name, at });
        match function {
            "asset" => self.assets.extend(mentions),
            "t" => {
                let name = |argument: &CallArg<'_>| match argument {
                    CallArg::Kwarg(name, _) => Some((*name).to_owned()),
                    _ => None,
                };
                let parameters: Option<Vec<String>> = arguments.iter().skip(1).map(name).collect();
                let call = |key| TextCall { key, parameters: parameters.clone() };
                self.texts.extend(mentions.map(call));
            }
            _ => {}
        }
    }
}

static OPTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"theme\.options\.(\w+)").unwrap_or_else(|_| unreachable!()));

/// A text that stands there as it is.
fn literal(expr: &Expr<'_>) -> Option<Mention> {
    let Expr::Const(it) = expr else { return None };
    Some(Mention { name: it.value.as_str()?.to_owned(), at: bytes(it.span()) })
}

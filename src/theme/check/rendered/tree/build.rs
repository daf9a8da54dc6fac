//! From the text of a page to its tree, by the parser that browsers' tests are run on.
//!
//! Between the tokenizer and the tree builder stands a watch: the tree builder mends a page without a
//! word about which tag was at fault, so the watch keeps its own account of what is open.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, ExpandedName, QualName, TokenizerResult, local_name, ns};

use super::{Content, Data, Fault, Node, Tree};
use crate::theme::check::rendered::marks::{ATTRIBUTE, Mark};

/// Reads a whole page.
pub(in crate::theme::check::rendered) fn parse(html: &str) -> Tree {
    let opts = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let watch = Watch {
        builder: TreeBuilder::new(Builder::default(), opts),
        open: RefCell::default(),
        last: Cell::default(),
    };
    let tokenizer = Tokenizer::new(watch, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// What HTML lets stay open.
const MAY_STAY_OPEN: [&str; 19] = [
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rb", "rp",
    "rt", "rtc", "tbody", "td", "tfoot", "th", "tr",
];

/// What has nothing inside, and so no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "param",
];

/// The tags on their way to the tree builder.
struct Watch {
    builder: TreeBuilder<Handle, Builder>,
    /// What was opened and not yet closed.
    open: RefCell<Vec<(String, Option<Mark>)>>,
    /// Of the last opening tag.
    last: Cell<Option<Mark>>,
}

impl Watch {
    /// Keeps account of a tag. Whether there was something to complain about.
    fn note(&self, tag: &Tag) -> bool {
        let name: &str = &tag.name;
        let mut open = self.open.borrow_mut();
        if tag.kind == TagKind::StartTag {
            self.last.set(tag.attrs.iter().find_map(mark_of));
            let is_foreign = open.iter().any(|(it, _)| it == "svg" || it == "math");
            let is_foreign = is_foreign || matches!(name, "svg" | "math");
            let is_whole = VOID.contains(&name) || (is_foreign && tag.self_closing);
            if !is_whole {
                open.push((name.to_owned(), self.last.get()));
            }
            return false;
        }
        let Some(at) = open.iter().rposition(|(it, _)| it == name) else {
            self.complain(format!("</{name}> closes nothing that is open"), self.last.get());
            return true;
        };
        let left = open.split_off(at);
        let mut unclosed =
            left.iter().skip(1).filter(|(it, _)| !MAY_STAY_OPEN.contains(&it.as_str()));
        let Some((inner, mark)) = unclosed.next() else { return false };
        self.complain(format!("<{inner}> is not closed where </{name}> stands"), *mark);
        true
    }

    fn complain(&self, message: String, mark: Option<Mark>) {
        self.builder.sink.faults.borrow_mut().push(Fault { message, mark });
    }
}

impl TokenSink for Watch {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        let subject = match &token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => format!("<{}>", tag.name),
            Token::TagToken(tag) => format!("</{}>", tag.name),
            Token::CharacterTokens(_) => "text".to_owned(),
            Token::DoctypeToken(_) => "the doctype".to_owned(),
            _ => String::new(),
        };
        let has_complained = matches!(&token, Token::TagToken(tag) if self.note(tag));
        let is_content = matches!(token, Token::TagToken(_) | Token::DoctypeToken(_));
        let sink = &self.builder.sink;
        let grammar = matches!(token, Token::ParseError(_));
        let result = self.builder.process_token(token, line);
        for error in sink.errors.take() {
            // Whatever comes first is out of place where there is no doctype, which a rule of its own tells.
            let is_lost = !sink.has_doctype.get();
            if !has_complained && !is_lost && (grammar || !subject.is_empty()) {
                self.complain(told(&error, &subject), self.last.get());
            }
        }
        sink.has_doctype.set(sink.has_doctype.get() || is_content);
        result
    }

    fn end(&self) {
        let open = self.open.take();
        let mut unclosed =
            open.into_iter().filter(|(name, _)| !MAY_STAY_OPEN.contains(&name.as_str()));
        if let Some((name, mark)) = unclosed.next() {
            self.complain(format!("<{name}> is never closed"), mark);
        }
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The parser's complaint in words for people.
fn told(error: &str, subject: &str) -> String {
    match error {
        "Duplicate attribute" => "an attribute stands twice in one tag".to_owned(),
        "nested forms" => "a <form> stands inside of another".to_owned(),
        "nested buttons" => "a <button> stands inside of another".to_owned(),
        "nested heading tags" => "a heading stands inside of another".to_owned(),
        "Unacknowledged self-closing tag" => {
            format!("{subject} cannot close itself with a slash")
        }
        "Unexpected open element" => format!("{subject} stands where something else is open"),
        "Unexpected token" => format!("{subject} may not stand here"),
        "No <p> tag to close" => "</p> closes nothing that is open".to_owned(),
        other if other.starts_with("Saw EOF") => "the page ends inside of a tag".to_owned(),
        other if other.starts_with("Saw ") => {
            let character = other.get(4..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
            format!("the character {character:?} stands where it may not, in a tag")
        }
        other => format!("{subject}: {}", other.to_lowercase()).trim_start_matches(": ").to_owned(),
    }
}

fn mark_of(attribute: &Attribute) -> Option<Mark> {
    if &*attribute.name.local == ATTRIBUTE { Mark::read(&attribute.value) } else { None }
}

/// A node on its way into the tree, with the name of the element, which is empty where it is none.
#[derive(Clone)]
struct Handle {
    at: usize,
    name: Rc<QualName>,
}

#[derive(Default)]
struct Builder {
    nodes: RefCell<Vec<Node>>,
    errors: RefCell<Vec<Cow<'static, str>>>,
    faults: RefCell<Vec<Fault>>,
    quirks: Cell<bool>,
    /// Whether a doctype was read, or missed and done without.
    has_doctype: Cell<bool>,
    mark_bytes: Cell<usize>,
    empty: OnceCell<Rc<QualName>>,
}

const ROOT: usize = 0;

impl Builder {
    fn nameless(&self, at: usize) -> Handle {
        let empty = || Rc::new(QualName::new(None, ns!(), local_name!("")));
        Handle { at, name: Rc::clone(self.empty.get_or_init(empty)) }
    }

    fn add(&self, content: Content) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        if nodes.is_empty() {
            nodes.push(Node::default());
        }
        nodes.push(Node { content, ..Node::default() });
        nodes.len() - 1
    }

    fn detach(nodes: &mut [Node], at: usize) {
        let parent = nodes.get_mut(at).and_then(|node| node.parent.take());
        if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) {
            parent.children.retain(|child| *child != at);
        }
    }

    /// Puts a node or a text at this index among the children of `parent`; texts that meet become one.
    fn place(&self, parent: usize, index: Option<usize>, child: NodeOrText<Handle>) {
        let at = match child {
            NodeOrText::AppendNode(handle) => handle.at,
            NodeOrText::AppendText(text) => {
                if self.joins(parent, index, &text) {
                    return;
                }
                self.add(Content::Text(text.to_string()))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        Self::detach(&mut nodes, at);
        if let Some(node) = nodes.get_mut(at) {
            node.parent = Some(parent);
        }
        if let Some(parent) = nodes.get_mut(parent) {
            let end = parent.children.len();
            parent.children.insert(index.unwrap_or(end).min(end), at);
        }
    }

    fn joins(&self, parent: usize, index: Option<usize>, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        let siblings = nodes.get(parent).map(|node| node.children.as_slice()).unwrap_or_default();
        let before = index.unwrap_or(siblings.len()).checked_sub(1);
        let Some(before) = before.and_then(|it| siblings.get(it)).copied() else { return false };
        match nodes.get_mut(before).map(|node| &mut node.content) {
            Some(Content::Text(already)) => already.push_str(text),
            _ => return false,
        }
        true
    }

    fn split(&self, attributes: Vec<Attribute>) -> (Vec<(String, String)>, Option<Mark>) {
        let mark = attributes.iter().find_map(mark_of);
        if let Some(it) = attributes.iter().find(|it| &*it.name.local == ATTRIBUTE) {
            // A blank, the name, `="` and `"`.
            self.mark_bytes.set(self.mark_bytes.get() + ATTRIBUTE.len() + it.value.len() + 4);
        }
        let own = attributes.into_iter().filter(|it| &*it.name.local != ATTRIBUTE);
        (own.map(|it| (it.name.local.to_string(), it.value.to_string())).collect(), mark)
    }
}

impl TreeSink for Builder {
    type Handle = Handle;
    type Output = Tree;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Tree {
        let mut tree = Tree {
            nodes: self.nodes.into_inner(),
            order: Vec::new(),
            by_id: HashMap::new(),
            faults: self.faults.into_inner(),
            is_standard: !self.quirks.get(),
            mark_bytes: self.mark_bytes.get(),
            text: OnceCell::new(),
        };
        let mut waiting = vec![ROOT];
        while let Some(at) = waiting.pop() {
            let Some(node) = tree.nodes.get(at) else { continue };
            waiting.extend(node.children.iter().rev());
            if let Content::Element(data) = &node.content {
                tree.order.push(at);
                if let Some((_, id)) = data.attributes.iter().find(|(name, _)| name == "id") {
                    tree.by_id.entry(id.clone()).or_insert(at);
                }
            }
        }
        tree
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.errors.borrow_mut().push(message);
    }

    fn get_document(&self) -> Handle {
        self.nameless(ROOT)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _flags: ElementFlags,
    ) -> Handle {
        let (attributes, mark) = self.split(attributes);
        let data = Data { name: name.local.to_string(), attributes, mark };
        Handle { at: self.add(Content::Element(data)), name: Rc::new(name) }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.nameless(self.add(Content::Comment(text.to_string())))
    }

    fn create_pi(&self, target: StrTendril, _data: StrTendril) -> Handle {
        self.nameless(self.add(Content::Comment(target.to_string())))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.place(parent.at, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        before: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let has_parent =
            self.nodes.borrow().get(element.at).is_some_and(|node| node.parent.is_some());
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.at == other.at
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode != QuirksMode::NoQuirks);
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let found = {
            let nodes = self.nodes.borrow();
            let parent = nodes.get(sibling.at).and_then(|node| node.parent);
            parent.map(|parent| {
                let among = nodes.get(parent).map(|node| node.children.as_slice());
                (parent, among.unwrap_or_default().iter().position(|it| *it == sibling.at))
            })
        };
        if let Some((parent, index)) = found {
            self.place(parent, index, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let (more, _) = self.split(attributes);
        if let Some(Content::Element(data)) =
            self.nodes.borrow_mut().get_mut(target.at).map(|node| &mut node.content)
        {
            for (name, value) in more {
                if !data.attributes.iter().any(|(known, _)| *known == name) {
                    data.attributes.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        Self::detach(&mut self.nodes.borrow_mut(), target.at);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut nodes = self.nodes.borrow_mut();
        let moved = nodes.get_mut(node.at).map(|node| std::mem::take(&mut node.children));
        for at in moved.unwrap_or_default() {
            if let Some(child) = nodes.get_mut(at) {
                child.parent = Some(new_parent.at);
            }
            if let Some(parent) = nodes.get_mut(new_parent.at) {
                parent.children.push(at);
            }
        }
    }
}

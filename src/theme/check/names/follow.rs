//! Follows a page through its templates, statement by statement.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::machinery::ast::{Block, Expr, Macro, Stmt};

use super::{NOT_A_TEXT, UNKNOWN_NAME};
use crate::theme::check::reading::{Reading, Template};
use crate::theme::check::shape::Shape;
use crate::theme::check::tree::{self, bytes, own_texts, path};
use crate::theme::check::{Rule, Violation};
use crate::theme::files::nearest;

mod value;

/// Nothing includes that deep but a circle.
const DEEPEST: usize = 40;

/// Where a page is being followed.
pub(super) struct Follower<'r, 'a> {
    pub(super) reading: &'r Reading<'a>,
    /// The templates that are being read, the innermost last.
    open: Vec<&'r Template<'a>>,
    /// What names mean, the innermost last.
    scopes: Vec<BTreeMap<String, Shape>>,
    /// What was asked for by the conditions around.
    asked: Vec<String>,
    /// Blocks by name: those of the page first, then those that it stands above.
    blocks: BTreeMap<&'r str, Vec<(&'r Template<'a>, &'r Block<'a>)>>,
    /// The block that is being shown, and which of its versions.
    in_block: Vec<(&'r str, usize)>,
    /// How many `is defined` are around: nothing needs to be there.
    lenient: usize,
    found: BTreeMap<(String, usize), Violation>,
}

impl<'r, 'a> Follower<'r, 'a> {
    pub(in crate::theme::check) fn new(reading: &'r Reading<'a>) -> Self {
        Self {
            reading,
            open: Vec::new(),
            scopes: Vec::new(),
            asked: Vec::new(),
            blocks: BTreeMap::new(),
            in_block: Vec::new(),
            lenient: 0,
            found: BTreeMap::new(),
        }
    }

    /// Follows one page that is given these names.
    pub(in crate::theme::check) fn follow(
        &mut self,
        page: &'r Template<'a>,
        given: &BTreeMap<String, Shape>,
    ) {
        self.scopes = vec![given.clone(), BTreeMap::new()];
        self.run(page);
    }

    pub(in crate::theme::check) fn found(self) -> Vec<Violation> {
        self.found.into_values().collect()
    }

    /// Runs a template with those that it extends.
    fn run(&mut self, first: &'r Template<'a>) {
        if self.open.len() > DEEPEST || self.open.iter().any(|it| it.name == first.name) {
            return;
        }
        let chain = self.reading.chain(first);
        let outer = std::mem::take(&mut self.blocks);
        for template in &chain {
            for block in blocks(&template.tree) {
                self.blocks.entry(block.name).or_default().push((template, block));
            }
        }
        for (index, template) in chain.iter().enumerate() {
            self.open.push(template);
            let is_lowest = index + 1 == chain.len();
            // Of those above the lowest one, only what is kept for later counts.
            let counts = |stmt: &&'r Stmt<'a>| {
                is_lowest
                    || matches!(
                        stmt,
                        Stmt::Set(_)
                            | Stmt::SetBlock(_)
                            | Stmt::Macro(_)
                            | Stmt::Import(_)
                            | Stmt::FromImport(_)
                    )
            };
            for stmt in template.top().iter().filter(counts) {
                self.statement(stmt);
            }
            self.open.pop();
        }
        self.blocks = outer;
    }

    fn statements(&mut self, statements: &'r [Stmt<'a>]) {
        for stmt in statements {
            self.statement(stmt);
        }
    }

    fn scoped(&mut self, scope: BTreeMap<String, Shape>, inside: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        inside(self);
        self.scopes.pop();
    }

    fn statement(&mut self, stmt: &'r Stmt<'a>) {
        match stmt {
            Stmt::Template(it) => self.statements(&it.children),
            Stmt::EmitRaw(_) | Stmt::Extends(_) => {}
            Stmt::EmitExpr(it) => self.print(&it.expr),
            Stmt::ForLoop(it) => {
                let item = self.value(&it.iter).item();
                self.scoped(BTreeMap::from([("loop".to_owned(), a_loop())]), |this| {
                    this.bind(&it.target, &item);
                    if let Some(filter) = &it.filter_expr {
                        this.value(filter);
                    }
                    this.statements(&it.body);
                });
                self.statements(&it.else_body);
            }
            Stmt::IfCond(it) => {
                self.value(&it.expr);
                self.after_asking(&it.expr, |this| {
                    this.statements(&it.true_body);
                    this.statements(&it.false_body);
                });
            }
            Stmt::WithBlock(it) => self.scoped(BTreeMap::new(), |this| {
                for (target, value) in &it.assignments {
                    let shape = this.value(value);
                    this.bind(target, &shape);
                }
                this.statements(&it.body);
            }),
            Stmt::Set(it) => {
                let shape = self.value(&it.expr);
                self.bind(&it.target, &shape);
            }
            Stmt::SetBlock(it) => {
                self.scoped(BTreeMap::new(), |this| this.statements(&it.body));
                self.bind(&it.target, &Shape::Text);
            }
            Stmt::AutoEscape(it) => self.statements(&it.body),
            Stmt::FilterBlock(it) => {
                self.value(&it.filter);
                self.statements(&it.body);
            }
            Stmt::Block(it) => self.block(it.name, 0),
            Stmt::Import(it) => {
                self.import(&it.expr);
                self.bind(&it.name, &Shape::Any);
            }
            Stmt::FromImport(it) => {
                self.import(&it.expr);
                for (name, alias) in &it.names {
                    self.bind(alias.as_ref().unwrap_or(name), &Shape::Callable);
                }
            }
            Stmt::Include(it) => {
                for (name, _) in own_texts(&it.name).unwrap_or_default() {
                    let Some(from) = self.open.last() else { continue };
                    if let Some(included) = self.reading.meant(&name, from) {
                        self.scoped(BTreeMap::new(), |this| this.run(included));
                    }
                }
                if own_texts(&it.name).is_none() {
                    self.value(&it.name);
                }
            }
            Stmt::Macro(it) => {
                self.name(it.name, Shape::Callable);
                self.body_of(it);
            }
            Stmt::CallBlock(it) => {
                self.call(&it.call);
                self.body_of(&it.macro_decl);
            }
            Stmt::Do(it) => {
                self.call(&it.call);
            }
        }
    }

    /// The body of a macro: whoever calls it decides what its parameters are.
    fn body_of(&mut self, it: &'r Macro<'a>) {
        for default in &it.defaults {
            self.value(default);
        }
        self.scoped(BTreeMap::from([("caller".to_owned(), Shape::Callable)]), |this| {
            for parameter in &it.args {
                this.bind(parameter, &Shape::Any);
            }
            this.statements(&it.body);
        });
    }

    /// One of the versions of a block, the highest being the first.
    pub(super) fn block(&mut self, name: &'r str, version: usize) {
        let versions = self.blocks.get(name);
        let Some((template, block)) = versions.and_then(|all| all.get(version)).copied() else {
            return;
        };
        if self.in_block.contains(&(name, version)) {
            return;
        }
        self.in_block.push((name, version));
        self.open.push(template);
        self.scoped(BTreeMap::new(), |this| this.statements(&block.body));
        self.open.pop();
        self.in_block.pop();
    }

    /// What `super()` shows.
    pub(super) fn block_beneath(&mut self) {
        if let Some((name, version)) = self.in_block.last().copied() {
            self.block(name, version + 1);
        }
    }

    fn import(&mut self, expr: &'r Expr<'a>) {
        for (name, _) in own_texts(expr).unwrap_or_default() {
            let Some(from) = self.open.last() else { continue };
            if let Some(imported) = self.reading.meant(&name, from) {
                self.scoped(BTreeMap::new(), |this| this.run(imported));
            }
        }
    }

    /// Gives names to the parts of a value.
    fn bind(&mut self, target: &Expr<'a>, shape: &Shape) {
        match target {
            Expr::Var(it) => self.name(it.id, shape.clone()),
            Expr::Tuple(it) => self.bind_all(&it.items, shape),
            Expr::List(it) => self.bind_all(&it.items, shape),
            _ => {}
        }
    }

    fn bind_all(&mut self, targets: &[Expr<'a>], shape: &Shape) {
        for (index, target) in targets.iter().enumerate() {
            match (shape, index) {
                (Shape::Pair(_), 0) => self.bind(target, &Shape::Text),
                (Shape::Pair(value), _) => self.bind(target, value),
                _ => self.bind(target, &shape.item()),
            }
        }
    }

    fn name(&mut self, name: &str, shape: Shape) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), shape);
        }
    }

    /// Goes on inside of a condition: what it asks for is thought of.
    fn after_asking(&mut self, condition: &'r Expr<'a>, inside: impl FnOnce(&mut Self)) {
        let before = self.asked.len();
        tree::each_in(condition, &mut |node| {
            if let tree::Node::Expr(expr) = node {
                self.asked.extend(path(expr));
            }
        });
        inside(self);
        self.asked.truncate(before);
    }

    fn print(&mut self, expr: &'r Expr<'a>) {
        let shape = self.value(expr);
        let Some(misprint) = shape.misprinted() else { return };
        if matches!(shape, Shape::Maybe(_))
            && path(expr).is_none_or(|path| self.asked.contains(&path))
        {
            return;
        }
        let what = path(expr).unwrap_or_else(|| "this".to_owned());
        let violation = NOT_A_TEXT.broken(format!("{what} is printed as {misprint}"));
        let violation = match shape {
            Shape::Flag => violation.help("print words: {{ \"yes\" if … else \"no\" }}".to_owned()),
            Shape::Maybe(_) => violation.help(format!("ask for it before: {{% if {what} %}}")),
            _ => violation,
        };
        self.tell(bytes(expr.span()), violation);
    }

    /// Notes a fault of the template that is being read, once, where it is one to report on.
    pub(super) fn tell(&mut self, at: Range<usize>, violation: Violation) {
        let Some(template) = self.open.last().filter(|it| it.is_own && self.lenient == 0) else {
            return;
        };
        let key = (template.file.shown_as.clone(), at.start);
        let place = template.place(at);
        self.found.entry(key).or_insert_with(|| violation.at(place));
    }

    /// A name that is not among those that there are.
    pub(super) fn unknown(
        &mut self,
        rule: &'static Rule,
        name: &str,
        at: Range<usize>,
        known: &[&str],
        message: String,
    ) {
        let violation = rule.broken(message);
        let violation = match nearest(name, known.iter().copied()) {
            Some(near) => violation.help(format!("did you mean {near:?}?")),
            None if known.is_empty() || known.len() > 30 => violation,
            None => violation.help(format!("there are {}", known.join(", "))),
        };
        self.tell(at, violation);
    }

    /// What a name means; a name that means nothing is told.
    pub(super) fn lookup(&mut self, name: &str, at: Range<usize>) -> Shape {
        if let Some(shape) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return shape.clone();
        }
        let known: Vec<String> =
            self.scopes.iter().flat_map(|scope| scope.keys().cloned()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.unknown(&UNKNOWN_NAME, name, at, &known, format!("there is no name {name}"));
        Shape::Any
    }
}

/// The blocks of a template, wherever in it they are.
fn blocks<'t, 'a>(tree: &'t [Stmt<'a>]) -> Vec<&'t Block<'a>> {
    let mut blocks = Vec::new();
    tree::each(tree, &mut |node| {
        if let tree::Node::Stmt(Stmt::Block(block)) = node {
            blocks.push(&**block);
        }
    });
    blocks
}

/// What `loop` has.
fn a_loop() -> Shape {
    let numbers = ["index", "index0", "length", "revindex", "revindex0", "depth", "depth0"];
    let mut keys: BTreeMap<String, Shape> =
        numbers.into_iter().map(|key| (key.to_owned(), Shape::Number)).collect();
    keys.extend(["first", "last"].map(|key| (key.to_owned(), Shape::Flag)));
    keys.extend(["previtem", "nextitem"].map(|key| (key.to_owned(), Shape::Any)));
    Shape::Record(keys)
}

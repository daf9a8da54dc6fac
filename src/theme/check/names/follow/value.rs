//! What expressions come to.

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Filter, UnaryOpKind};
use minijinja::value::ValueKind;

use super::Follower;
use crate::theme::check::loading::NO_OPTION;
use crate::theme::check::names::UNKNOWN_NAME;
use crate::theme::check::shape::Shape;
use crate::theme::check::templates::UNKNOWN_WORD;
use crate::theme::check::tree::{argument, bytes, operands, path, place_of};
use std::ops::Range;

/// What templates may call, of the engine and of ours.
const FUNCTIONS: [&str; 7] = ["t", "asset", "duration", "range", "dict", "namespace", "debug"];

impl<'r, 'a> Follower<'r, 'a> {
    /// The shape of an expression. Names that are not there are told on the way.
    pub(super) fn value(&mut self, expr: &'r Expr<'a>) -> Shape {
        match expr {
            Expr::Var(it) => match it.id {
                "self" => Shape::Any,
                name => self.lookup(name, bytes(it.span())),
            },
            Expr::Const(it) => match it.value.kind() {
                ValueKind::String => Shape::Text,
                ValueKind::Number => Shape::Number,
                ValueKind::Bool => Shape::Flag,
                _ => Shape::Any,
            },
            Expr::GetAttr(it) => {
                let of = self.value(&it.expr);
                let at = self.part(it.name);
                self.key(&it.expr, &of, it.name, at)
            }
            Expr::GetItem(it) => {
                let of = self.value(&it.expr);
                self.value(&it.subscript_expr);
                match &it.subscript_expr {
                    Expr::Const(key) => match key.value.as_str() {
                        Some(name) => self.key(&it.expr, &of, name, bytes(key.span())),
                        None => of.item(),
                    },
                    _ => match of.there() {
                        Shape::Map(value) => (**value).clone(),
                        Shape::List(item) => (**item).clone(),
                        _ => Shape::Any,
                    },
                }
            }
            Expr::UnaryOp(it) => {
                self.value(&it.expr);
                match it.op {
                    UnaryOpKind::Not => Shape::Flag,
                    UnaryOpKind::Neg => Shape::Number,
                }
            }
            Expr::BinOp(it) => {
                let left = self.value(&it.left);
                let mut right = Shape::Any;
                self.after_asking(&it.left, |this| right = this.value(&it.right));
                match it.op {
                    BinOpKind::ScOr => left.there().clone().or(right),
                    BinOpKind::ScAnd => left.or(right),
                    BinOpKind::Concat => Shape::Text,
                    BinOpKind::Add if left == right => left,
                    BinOpKind::Add => Shape::Any,
                    BinOpKind::Eq
                    | BinOpKind::Ne
                    | BinOpKind::Lt
                    | BinOpKind::Lte
                    | BinOpKind::Gt
                    | BinOpKind::Gte
                    | BinOpKind::In => Shape::Flag,
                    _ => Shape::Number,
                }
            }
            Expr::IfExpr(it) => {
                self.value(&it.test_expr);
                let mut shape = Shape::Any;
                self.after_asking(&it.test_expr, |this| {
                    shape = this.value(&it.true_expr);
                    if let Some(otherwise) = &it.false_expr {
                        let other = this.value(otherwise);
                        let other =
                            if this.is_asked(otherwise) { other.there().clone() } else { other };
                        let own = if this.is_asked(&it.true_expr) { shape.there() } else { &shape };
                        shape = own.clone().or(other);
                    } else if this.is_asked(&it.true_expr) {
                        shape = shape.there().clone();
                    }
                });
                shape
            }
            Expr::Filter(it) => self.filter(it),
            Expr::Test(it) => {
                let need_not_be = matches!(it.name, "defined" | "undefined");
                self.lenient += usize::from(need_not_be);
                self.value(&it.expr);
                self.lenient -= usize::from(need_not_be);
                self.arguments(&it.args);
                Shape::Flag
            }
            Expr::Call(it) => self.call(it),
            Expr::Compare(_) => {
                self.all(expr);
                Shape::Flag
            }
            Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
                self.all(expr);
                Shape::Any
            }
            Expr::Slice(it) => {
                self.all(expr);
                self.value(&it.expr)
            }
        }
    }

    fn is_asked(&self, expr: &Expr<'a>) -> bool {
        path(expr).is_some_and(|path| self.asked.contains(&path))
    }

    fn all(&mut self, expr: &'r Expr<'a>) {
        for operand in operands(expr) {
            self.value(operand);
        }
    }

    fn arguments(&mut self, arguments: &'r [CallArg<'a>]) {
        for given in arguments {
            self.value(argument(given));
        }
    }

    /// Where a part of the template that is being read stands.
    fn part(&self, part: &str) -> Range<usize> {
        self.open.last().map_or(0..0, |template| place_of(template.source, part))
    }

    /// What is at a key of a value.
    fn key(&mut self, expr: &Expr<'a>, of: &Shape, name: &str, at: Range<usize>) -> Shape {
        let known: Vec<String> = match of.at(name) {
            Ok(shape) => return shape,
            Err(known) => known.into_iter().map(str::to_owned).collect(),
        };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let owner = path(expr).unwrap_or_else(|| "this value".to_owned());
        if owner == "theme.options" {
            if self.reading.subject.has_whole_manifests() {
                let message = format!("there is no option {name:?}");
                self.unknown(&NO_OPTION, name, at, &known, message);
            }
        } else {
            let message = format!("{owner} has no {name}");
            self.unknown(&UNKNOWN_NAME, name, at, &known, message);
        }
        Shape::Any
    }

    fn filter(&mut self, it: &'r Filter<'a>) -> Shape {
        let need_not_be = matches!(it.name, "default" | "d");
        self.lenient += usize::from(need_not_be);
        let of = it.expr.as_ref().map_or(Shape::Text, |expr| self.value(expr));
        self.lenient -= usize::from(need_not_be);
        self.arguments(&it.args);
        let attribute = match (it.name, it.args.first()) {
            ("selectattr" | "rejectattr", Some(CallArg::Pos(name))) => Some(name),
            ("map" | "sort" | "unique" | "groupby" | "sum" | "join", _) => {
                it.args.iter().find_map(|argument| match argument {
                    CallArg::Kwarg("attribute", name) => Some(name),
                    _ => None,
                })
            }
            _ => None,
        };
        if let Some(Expr::Const(attribute)) = attribute
            && let Some(path) = attribute.value.as_str()
            && let Some(list) = &it.expr
        {
            let mut shape = of.item();
            for name in path.split('.') {
                shape = self.key(list, &shape, name, bytes(attribute.span()));
            }
            if it.name == "map" {
                return Shape::list(shape);
            }
        }
        match (need_not_be, it.args.first()) {
            (true, Some(CallArg::Pos(otherwise))) => of.there().clone().or(self.value(otherwise)),
            _ => of.filtered(it.name),
        }
    }

    pub(super) fn call(&mut self, it: &'r Call<'a>) -> Shape {
        self.arguments(&it.args);
        match &it.expr {
            Expr::Var(function) => self.function(function.id, bytes(function.span())),
            Expr::GetAttr(method) => {
                self.value(&method.expr);
                Shape::Any
            }
            other => {
                self.value(other);
                Shape::Any
            }
        }
    }

    fn function(&mut self, name: &str, at: Range<usize>) -> Shape {
        if self.scopes.iter().any(|scope| scope.contains_key(name)) {
            return Shape::Any;
        }
        match name {
            "super" => {
                self.block_beneath();
                Shape::Text
            }
            "asset" if self.open.last().is_some_and(|template| !template.is_page()) => {
                self.unknown(&UNKNOWN_WORD, name, at, &[], "mails have no asset()".to_owned());
                Shape::Text
            }
            "t" | "asset" | "duration" | "caller" => Shape::Text,
            "range" => Shape::list(Shape::Number),
            _ if FUNCTIONS.contains(&name) => Shape::Any,
            _ => {
                let message = format!("there is no function {name}()");
                self.unknown(&UNKNOWN_WORD, name, at, &FUNCTIONS, message);
                Shape::Any
            }
        }
    }
}

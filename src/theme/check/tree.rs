//! Templates as the engine parses them: what stands where.

use std::ops::Range;

use minijinja::machinery::Span;
use minijinja::machinery::ast::{Call, CallArg, Expr, Macro, Spanned, Stmt};

/// One thing in a template.
#[derive(Clone, Copy)]
pub(super) enum Node<'t, 's> {
    Stmt(&'t Stmt<'s>),
    Expr(&'t Expr<'s>),
}

/// Parses a template; none where it does not compile, which is told elsewhere.
pub(super) fn parse(source: &str) -> Option<Stmt<'_>> {
    let syntax = crate::theme::engine::compact_blocks();
    minijinja::machinery::parse(source, "", syntax).ok()
}

/// Shows everything in these statements, outer things first.
pub(super) fn each<'t, 's>(statements: &'t [Stmt<'s>], see: &mut dyn FnMut(Node<'t, 's>)) {
    for stmt in statements {
        see(Node::Stmt(stmt));
        let (expressions, bodies) = parts(stmt);
        for expr in expressions {
            each_in(expr, see);
        }
        for body in bodies {
            each(body, see);
        }
    }
}

/// Shows everything in an expression, outer things first.
pub(super) fn each_in<'t, 's>(expr: &'t Expr<'s>, see: &mut dyn FnMut(Node<'t, 's>)) {
    see(Node::Expr(expr));
    for operand in operands(expr) {
        each_in(operand, see);
    }
}

/// The expressions of a statement, and the statements inside of it.
pub(super) fn parts<'t, 's>(stmt: &'t Stmt<'s>) -> (Vec<&'t Expr<'s>>, Vec<&'t [Stmt<'s>]>) {
    match stmt {
        Stmt::Template(it) => (vec![], vec![&it.children]),
        Stmt::EmitExpr(it) => (vec![&it.expr], vec![]),
        Stmt::EmitRaw(_) => (vec![], vec![]),
        Stmt::ForLoop(it) => {
            let expressions = [Some(&it.iter), it.filter_expr.as_ref()];
            (expressions.into_iter().flatten().collect(), vec![&it.body, &it.else_body])
        }
        Stmt::IfCond(it) => (vec![&it.expr], vec![&it.true_body, &it.false_body]),
        Stmt::WithBlock(it) => {
            (it.assignments.iter().map(|(_, value)| value).collect(), vec![&it.body])
        }
        Stmt::Set(it) => (vec![&it.expr], vec![]),
        Stmt::SetBlock(it) => (it.filter.iter().collect(), vec![&it.body]),
        Stmt::AutoEscape(it) => (vec![&it.enabled], vec![&it.body]),
        Stmt::FilterBlock(it) => (vec![&it.filter], vec![&it.body]),
        Stmt::Block(it) => (vec![], vec![&it.body]),
        Stmt::Import(it) => (vec![&it.expr], vec![]),
        Stmt::FromImport(it) => (vec![&it.expr], vec![]),
        Stmt::Extends(it) => (vec![&it.name], vec![]),
        Stmt::Include(it) => (vec![&it.name], vec![]),
        Stmt::Macro(it) => in_macro(it),
        Stmt::CallBlock(it) => {
            let (defaults, body) = in_macro(&it.macro_decl);
            (in_call(&it.call).into_iter().chain(defaults).collect(), body)
        }
        Stmt::Do(it) => (in_call(&it.call), vec![]),
    }
}

fn in_macro<'t, 's>(it: &'t Spanned<Macro<'s>>) -> (Vec<&'t Expr<'s>>, Vec<&'t [Stmt<'s>]>) {
    (it.defaults.iter().collect(), vec![&it.body])
}

fn in_call<'t, 's>(call: &'t Call<'s>) -> Vec<&'t Expr<'s>> {
    [&call.expr].into_iter().chain(call.args.iter().map(argument)).collect()
}

/// The expressions that an expression is made of.
pub(super) fn operands<'t, 's>(expr: &'t Expr<'s>) -> Vec<&'t Expr<'s>> {
    match expr {
        Expr::Var(_) | Expr::Const(_) => vec![],
        Expr::Slice(it) => {
            let bounds = [&it.start, &it.stop, &it.step];
            [&it.expr].into_iter().chain(bounds.into_iter().flatten()).collect()
        }
        Expr::UnaryOp(it) => vec![&it.expr],
        Expr::BinOp(it) => vec![&it.left, &it.right],
        Expr::Compare(it) => {
            [&it.expr].into_iter().chain(it.ops.iter().map(|op| &op.expr)).collect()
        }
        Expr::IfExpr(it) => {
            [&it.test_expr, &it.true_expr].into_iter().chain(&it.false_expr).collect()
        }
        Expr::Filter(it) => it.expr.iter().chain(it.args.iter().map(argument)).collect(),
        Expr::Test(it) => [&it.expr].into_iter().chain(it.args.iter().map(argument)).collect(),
        Expr::GetAttr(it) => vec![&it.expr],
        Expr::GetItem(it) => vec![&it.expr, &it.subscript_expr],
        Expr::Call(it) => in_call(it),
        Expr::List(it) => it.items.iter().collect(),
        Expr::Tuple(it) => it.items.iter().collect(),
        Expr::Map(it) => it.keys.iter().chain(&it.values).collect(),
    }
}

pub(super) fn argument<'t, 's>(argument: &'t CallArg<'s>) -> &'t Expr<'s> {
    match argument {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => expr,
    }
}

/// The texts that an expression may come to, each with its place, where it comes to one of its own texts.
pub(super) fn own_texts(expr: &Expr<'_>) -> Option<Vec<(String, Range<usize>)>> {
    match expr {
        Expr::Const(it) => Some(vec![(it.value.as_str()?.to_owned(), bytes(it.span()))]),
        Expr::IfExpr(it) => {
            let mut texts = own_texts(&it.true_expr)?;
            if let Some(otherwise) = &it.false_expr {
                texts.extend(own_texts(otherwise)?);
            }
            Some(texts)
        }
        _ => None,
    }
}

/// `form.fields` for what says exactly that.
pub(super) fn path(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Var(it) => Some(it.id.to_owned()),
        Expr::GetAttr(it) => Some(format!("{}.{}", path(&it.expr)?, it.name)),
        _ => None,
    }
}

pub(super) fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// Where a part of a source stands in it.
pub(super) fn place_of(source: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(source.as_ptr().addr());
    let start = if start <= source.len() { start } else { 0 };
    start..(start + part.len()).min(source.len())
}

//! What a sentence mentions: parameters, other messages, terms, functions.

use std::collections::BTreeSet;

use fluent_syntax::ast::{CallArguments, Expression, InlineExpression, Pattern, PatternElement};

/// Names, each without the sign before it.
#[derive(Default)]
pub(super) struct Mentions {
    pub parameters: BTreeSet<String>,
    pub messages: BTreeSet<String>,
    pub terms: BTreeSet<String>,
    pub functions: BTreeSet<String>,
}

impl Mentions {
    /// Everything that stands anywhere in a pattern.
    pub(super) fn of(pattern: &Pattern<&str>) -> Self {
        let mut mentions = Self::default();
        mentions.read(pattern);
        mentions
    }

    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.read_expression(expression);
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.read_inline(inline),
            Expression::Select { selector, variants } => {
                self.read_inline(selector);
                for variant in variants {
                    self.read(&variant.value);
                }
            }
        }
    }

    fn read_inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.parameters.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::TermReference { id, arguments, .. } => {
                self.terms.insert(id.name.to_owned());
                if let Some(arguments) = arguments {
                    self.read_arguments(arguments);
                }
            }
            InlineExpression::FunctionReference { id, arguments } => {
                self.functions.insert(id.name.to_owned());
                self.read_arguments(arguments);
            }
            InlineExpression::Placeable { expression } => self.read_expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }

    fn read_arguments(&mut self, arguments: &CallArguments<&str>) {
        let named = arguments.named.iter().map(|named| &named.value);
        for inline in arguments.positional.iter().chain(named) {
            self.read_inline(inline);
        }
    }
}

//! The other side of `src/rules/condition/packed.rs`: how the build script writes a parsed condition.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use super::pack::{put_number, put_text};

/// The packed form of a parsed condition; nothing when it uses what conditions may not.
pub(crate) fn condition(expression: &IdedExpr) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    put_expression(&mut bytes, expression)?;
    Some(bytes)
}

fn put_expression(bytes: &mut Vec<u8>, node: &IdedExpr) -> Option<()> {
    match &node.expr {
        Expr::Literal(literal) => put_literal(bytes, literal)?,
        Expr::Ident(name) => {
            bytes.push(b'i');
            put_text(bytes, name);
        }
        Expr::Select(select) => {
            bytes.push(if select.test { b'?' } else { b'.' });
            put_text(bytes, &select.field);
            put_expression(bytes, &select.operand)?;
        }
        Expr::Call(CallExpr {
            func_name,
            target,
            args,
        }) => {
            bytes.push(if target.is_some() { b'm' } else { b'c' });
            put_text(bytes, func_name);
            put_number(bytes, args.len());
            for part in target.as_deref().into_iter().chain(args) {
                put_expression(bytes, part)?;
            }
        }
        Expr::List(list) if list.optional_indices.is_empty() => {
            bytes.push(b'l');
            put_number(bytes, list.elements.len());
            for element in &list.elements {
                put_expression(bytes, element)?;
            }
        }
        Expr::Comprehension(parts) if parts.iter_var2.is_none() => {
            bytes.push(b'w');
            put_text(bytes, &parts.iter_var);
            put_text(bytes, &parts.accu_var);
            for part in [
                &parts.iter_range,
                &parts.accu_init,
                &parts.loop_cond,
                &parts.loop_step,
                &parts.result,
            ] {
                put_expression(bytes, part)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn put_literal(bytes: &mut Vec<u8>, literal: &LiteralValue) -> Option<()> {
    match literal {
        LiteralValue::Boolean(truth) => bytes.push(if *truth.inner() { b'T' } else { b'F' }),
        LiteralValue::Null => bytes.push(b'N'),
        LiteralValue::Int(number) => {
            bytes.push(b'I');
            bytes.extend(number.inner().to_le_bytes());
        }
        LiteralValue::Double(number) => {
            bytes.push(b'D');
            bytes.extend(number.inner().to_le_bytes());
        }
        LiteralValue::String(text) => {
            bytes.push(b'S');
            put_text(bytes, text.inner());
        }
        LiteralValue::Bytes(_) | LiteralValue::UInt(_) => return None,
    }
    Some(())
}

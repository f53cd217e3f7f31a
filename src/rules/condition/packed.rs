//! A condition of the built-in rules as the build script packed it: an expression read without a parser.
//!
//! The other side is `src/embedded/pack_condition.rs`. Positions are not carried: the checks that speak of them ran in the tests.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr};

use crate::embedded::Bytes;

/// The expression, or nothing when the bytes are none.
pub(super) fn expression(bytes: &mut Bytes<'_>) -> Option<IdedExpr> {
    let expr = match bytes.byte()? {
        b'i' => Expr::Ident(word(bytes)?),
        kind @ (b'.' | b'?') => Expr::Select(SelectExpr {
            field: word(bytes)?,
            operand: boxed(bytes)?,
            test: kind == b'?',
        }),
        kind @ (b'c' | b'm') => {
            let func_name = word(bytes)?;
            let count = bytes.number()?;
            let target = if kind == b'm' { Some(boxed(bytes)?) } else { None };
            Expr::Call(CallExpr {
                func_name,
                target,
                args: several(bytes, count)?,
            })
        }
        b'l' => {
            let count = bytes.number()?;
            Expr::List(ListExpr::new(several(bytes, count)?))
        }
        b'w' => Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_var: word(bytes)?,
            iter_var2: None,
            accu_var: word(bytes)?,
            iter_range: expression(bytes)?,
            accu_init: expression(bytes)?,
            loop_cond: expression(bytes)?,
            loop_step: expression(bytes)?,
            result: expression(bytes)?,
        })),
        kind => Expr::Literal(literal(kind, bytes)?),
    };
    Some(IdedExpr { id: 0, expr })
}

fn literal(kind: u8, bytes: &mut Bytes<'_>) -> Option<LiteralValue> {
    Some(match kind {
        b'T' => LiteralValue::Boolean(true.into()),
        b'F' => LiteralValue::Boolean(false.into()),
        b'N' => LiteralValue::Null,
        b'I' => LiteralValue::Int(i64::from_le_bytes(eight(bytes)?).into()),
        b'D' => LiteralValue::Double(f64::from_le_bytes(eight(bytes)?).into()),
        b'S' => LiteralValue::String(word(bytes)?.into()),
        _ => return None,
    })
}

fn word(bytes: &mut Bytes<'_>) -> Option<String> {
    bytes.text().map(str::to_owned)
}

fn boxed(bytes: &mut Bytes<'_>) -> Option<Box<IdedExpr>> {
    expression(bytes).map(Box::new)
}

fn several(bytes: &mut Bytes<'_>, count: usize) -> Option<Vec<IdedExpr>> {
    (0..count).map(|_| expression(bytes)).collect()
}

fn eight(bytes: &mut Bytes<'_>) -> Option<[u8; 8]> {
    let (number, rest) = bytes.0.split_first_chunk()?;
    bytes.0 = rest;
    Some(*number)
}

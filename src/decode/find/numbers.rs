//! Numbers in the space of failures (HRESULT): how they are written, whose field they stand in, and which programs besides
//! Dataverse use them.

use super::token::Token;
use crate::decode::explain::tables::TABLES;

/// Which program's field a number is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Of Dataverse or its SDK.
    Dataverse,
    /// Of another program.
    Other,
}

/// The program whose field the number is the value of, where its key says so.
pub(crate) fn field(token: &Token<'_>) -> Option<Field> {
    let key = token.key()?;
    let before = token.before(60).to_ascii_lowercase();
    match key.as_str() {
        "sqlerrorcode" | "sqlnumber" | "servererrorcode" | "osstatus" | "win32errorcode" => {
            Some(Field::Other)
        }
        _ if key.ends_with("crmerrorcode") => Some(Field::Dataverse),
        "code" | "errorcode" => {
            let quoted = token.word().starts_with("0x") && before.trim_end().ends_with(['"', '\'']);
            let fault = before.trim_end_matches(['-', ' ']).ends_with("<errorcode>")
                || before.trim_end_matches(['-', ' ']).ends_with(":errorcode>");
            (quoted || fault).then_some(Field::Dataverse)
        }
        _ => None,
    }
}

/// The value of `0x8…` or of a signed or unsigned decimal in the range of failures.
pub(crate) fn number(token: &Token<'_>) -> Option<u32> {
    let word = token.word();
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        let failure = digits.len() == 8 && digits.starts_with('8');
        return failure.then(|| u32::from_str_radix(digits, 16).ok()).flatten();
    }
    if word.len() != 10 || !word.starts_with("214") {
        return None;
    }
    let value: i64 = word.parse().ok()?;
    let value = if token.is_negative() {
        -value
    } else {
        value - (1 << 32)
    };
    if token.is_negative() {
        // The cast keeps the bits: that is what a signed HRESULT is.
        return i32::try_from(value)
            .ok()
            .map(i32::cast_unsigned)
            .filter(|value| value >> 28 == 8);
    }
    // An unsigned one only counts in a field that Dataverse fills.
    (field(token) == Some(Field::Dataverse))
        .then(|| u32::try_from(value + (1 << 32)).ok())
        .flatten()
}

/// The value of eight hexadecimal digits without `0x`, or of an unsigned decimal, in the range of failures.
pub(crate) fn unmarked(token: &Token<'_>) -> Option<u32> {
    let word = token.word();
    if token.is_negative() {
        return None;
    }
    let value = match word.len() {
        8 => u32::from_str_radix(word, 16).ok()?,
        10 => word.parse().ok()?,
        _ => return None,
    };
    (value >> 28 == 8).then_some(value)
}

/// The code of a number, as answers spell it.
pub(crate) fn spelling(value: u32) -> String {
    format!("{value:#010x}")
}

/// Win32 codes wrapped as HRESULT; no Dataverse code is among them.
pub(crate) fn is_win32(value: u32) -> bool {
    value >> 16 == 0x8007 && value & 0xffff < 0x1000
}

/// The results of .NET's runtime (`FACILITY_URT`): every exception carries one of its kind, `0x80131500` when it has no other.
/// Source: `winerror.h`, and the page of `Exception.HResult`.
pub(crate) fn is_runtime(value: u32) -> bool {
    value >> 16 == 0x8013
}

/// True for numbers in the ranges where Dataverse keeps adding codes.
pub(crate) fn may_be_new(value: u32) -> bool {
    let space = match value >> 16 {
        0x8004..=0x8006 | 0x8008 => true,
        0x8007 => !is_win32(value) && !is_wininet(value),
        _ => false,
    };
    space && !is_windows(value)
}

/// WinINet and WinHTTP: 12000 to 12190.
fn is_wininet(value: u32) -> bool {
    (0x8007_2ee0..=0x8007_2fa0).contains(&value)
}

/// Well-known codes of COM, MAPI, OLE DB and the transaction coordinator in the space that Dataverse uses too.
fn is_windows(value: u32) -> bool {
    matches!(
        value,
        0x8004_0000..=0x8004_0007 | 0x8004_0064..=0x8004_006f | 0x8004_0100..=0x8004_011f | 0x8004_0150..=0x8004_0155
            | 0x8004_01a0..=0x8004_01ff | 0x8004_0e00..=0x8004_0eff | 0x8004_d000..=0x8004_d0ff
    )
}

/// A number that a scanner or a reader damaged: `0x8OO40220`, `Ox80040220`, `0x8004 0220`, `-2147220 960`. Only a published code counts.
pub(crate) fn misread(token: &Token<'_>) -> Option<u32> {
    let word = token.word();
    let tail = word.get(2..)?;
    let value = if matches!(word.get(..2), Some("0x" | "0X" | "Ox" | "OX" | "ox")) {
        let mut digits = repaired(tail);
        for piece in token.after(14).split(' ').skip(1) {
            let piece = piece.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
            if digits.len() >= 8 || piece.is_empty() {
                break;
            }
            digits.push_str(&repaired(piece));
        }
        let is_whole = digits.len() == 8 && digits.starts_with('8');
        is_whole
            .then(|| u32::from_str_radix(&digits, 16).ok())
            .flatten()?
    } else if token.is_negative() && word.starts_with("214") && word.len() < 10 {
        let rest = token.after(8).strip_prefix(' ')?;
        let more: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let joined = format!("-{word}{more}");
        (word.len() + more.len() == 10)
            .then(|| joined.parse::<i32>().ok())
            .flatten()?
            .cast_unsigned()
    } else {
        return None;
    };
    TABLES
        .known(&spelling(value))
        .filter(|known| known.documented)
        .map(|_| value)
}

/// Hexadecimal digits with the letters back that a scanner takes digits for.
fn repaired(digits: &str) -> String {
    let repair = |character| match character {
        'O' | 'o' | 'Q' => '0',
        'I' | 'l' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        other => other,
    };
    digits.chars().map(repair).collect()
}

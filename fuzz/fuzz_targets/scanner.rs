//! Fuzzes the decoder of texts and the log scanner: no input may panic, and where a log is cut must not matter.
#![no_main]

use libfuzzer_sys::fuzz_target;
use work365_doctor::decode::decode_text;
use work365_doctor::decode::many::log::LogScanner;

fuzz_target!(|input: &[u8]| {
    let decoded = decode_text(input);
    assert_eq!(decoded.recognised, !decoded.errors.is_empty());
    let Some((cut, log)) = input.split_first() else { return };
    let (head, tail) = log.split_at(usize::from(*cut).min(log.len()));
    let mut whole = LogScanner::new();
    whole.push(log);
    let mut split = LogScanner::new();
    split.push(head);
    split.push(tail);
    assert_eq!(whole.finish(), split.finish());
});

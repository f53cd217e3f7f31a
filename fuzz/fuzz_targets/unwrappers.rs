//! Fuzzes everything that takes wrappings off: encodings, escapes, gzip, HAR captures, batches, tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use work365_doctor::decode::text::unwrap::Plain;
use work365_doctor::decode::many::{batch, har, log::LogScanner};
use work365_doctor::decode::text::encoding;
use work365_doctor::token;

fuzz_target!(|bytes: &[u8]| {
    let text = encoding::to_text(bytes);
    let plain = Plain::unwrap(&text);
    assert!(plain.text.len() <= text.len() + 4);
    for offset in [0, plain.text.len() / 2, plain.text.len()] {
        assert!(plain.original_offset(offset) <= text.len());
    }
    let _ = har::decode_har(bytes);
    let _ = batch::item(1, bytes);
    let _ = token::read(&text, 0, None);
    let mut scanner = LogScanner::new();
    if scanner.read(bytes, |_| ()).is_ok() {
        let _ = scanner.finish();
    }
});

//! Reading helpers that every kind of input needs.
//!
//! A reader is handed on as `dyn Read`: files, streams and what is unpacked from them would else each have a decoder of
//! their own in the program, for calls that come once in some ten thousand bytes.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding};

/// Reads until the buffer is full or the input ends.
pub(crate) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A reader that tells how much was read.
pub(crate) struct Counted<'a> {
    pub(crate) inner: &'a mut dyn Read,
    pub(crate) progress: &'a mut dyn FnMut(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}

/// A text of another encoding, read as UTF-8.
pub(crate) struct AsUtf8<'a> {
    inner: &'a mut dyn Read,
    decoder: Decoder,
    raw: Vec<u8>,
    text: String,
    given: usize,
    is_over: bool,
}

impl<'a> AsUtf8<'a> {
    /// How much is converted at once.
    const RAW: usize = 64 << 10;

    pub(crate) fn new(inner: &'a mut dyn Read, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; Self::RAW],
            // Four times the input: what is converted always fits.
            text: String::with_capacity(4 * Self::RAW),
            given: 0,
            is_over: false,
        }
    }

    fn convert(&mut self) -> io::Result<()> {
        let filled = fill(self.inner, &mut self.raw)?;
        self.is_over = filled < self.raw.len();
        self.text.clear();
        self.given = 0;
        let _ = self
            .decoder
            .decode_to_string(&self.raw[..filled], &mut self.text, self.is_over);
        Ok(())
    }
}

impl Read for AsUtf8<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_over {
            self.convert()?;
        }
        let rest = &self.text.as_bytes()[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

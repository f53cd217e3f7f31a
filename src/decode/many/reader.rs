//! Reading helpers that every kind of input needs.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding};

/// How a gzip member starts.
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads until the buffer is full or the input ends.
pub(crate) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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
pub(crate) struct Counted<R, F> {
    pub(crate) inner: R,
    pub(crate) progress: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}

/// A text of another encoding, read as UTF-8.
pub(crate) struct AsUtf8<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: String,
    given: usize,
    is_over: bool,
}

impl<R: Read> AsUtf8<R> {
    /// How much is converted at once.
    const RAW: usize = 64 << 10;

    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
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
        let filled = fill(&mut self.inner, &mut self.raw)?;
        self.is_over = filled < self.raw.len();
        self.text.clear();
        self.given = 0;
        let _ = self
            .decoder
            .decode_to_string(&self.raw[..filled], &mut self.text, self.is_over);
        Ok(())
    }
}

impl<R: Read> Read for AsUtf8<R> {
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

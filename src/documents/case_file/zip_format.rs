//! Numbers of the ZIP format that its writer and its reader share, and the bounds of an archive.

/// Opens an entry.
pub(super) const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
/// Opens a line of the directory.
pub(super) const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
/// Opens the end of the directory.
pub(super) const END_SIGNATURE: u32 = 0x0605_4b50;

/// Bytes of the fixed part of an entry's header.
pub(super) const LOCAL: usize = 30;
/// Bytes of the fixed part of a line of the directory.
pub(super) const CENTRAL: usize = 46;
/// Bytes of the end of the directory, without its comment.
pub(super) const END: usize = 22;

/// As it is.
pub(super) const STORED: u16 = 0;
/// Compressed.
pub(super) const DEFLATED: u16 = 8;
/// What a reader must know: folders and deflate.
pub(super) const VERSION: u16 = 20;

/// More than this many bytes are never unpacked.
pub(super) const MAXIMUM_UNPACKED: usize = 256 * 1024 * 1024;
/// An entry that is packed more densely than this is no evidence.
pub(super) const MAXIMUM_RATIO: usize = 100;

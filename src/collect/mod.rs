//! Everything that speaks HTTP.

pub mod key_set;

//! A lock that a panic elsewhere does not poison.

use std::sync::{Mutex, PoisonError};

/// A lock that survives a panic elsewhere: what it guards stays consistent at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

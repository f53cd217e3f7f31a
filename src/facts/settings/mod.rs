//! Facts of the area settings: time zone, format, language, and the state that was recorded as healthy.

pub(super) mod expected_state;
pub(super) mod options;
pub(super) mod time_zone;

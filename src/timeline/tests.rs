//! Tables of courses and changes.

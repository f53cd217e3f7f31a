//! What a bearer token says.

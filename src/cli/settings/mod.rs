//! What a run is told beside its arguments: the configuration file, variables, the proxy.

pub(crate) mod case_key;
pub(crate) mod config;
pub(crate) mod duration;
pub(crate) mod env;
pub(crate) mod origin;
pub(crate) mod proxy;
pub(crate) mod trusted;

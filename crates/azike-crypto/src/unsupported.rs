//! A transform that is not built in.

/// The transform ID, or its Key Length attribute, is none that azike has.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("algorithm not supported")]
pub struct Unsupported;

//! A value of the dynamic store, as far as DNS needs it: texts, numbers, lists of texts.

use std::collections::BTreeMap;
use std::fmt;

/// More members than any dictionary or list of ours has; the rest of a longer one is not read.
pub(crate) const MAX_MEMBERS: usize = 1024;

/// The longest text that is read, in octets. A domain name has at most 253.
pub(crate) const MAX_TEXT: usize = 1024;

/// A member of a [`Dictionary`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    /// `CFString`.
    Text(String),
    /// `CFNumber`.
    Number(i64),
    /// `CFArray` of `CFString`.
    Texts(Vec<String>),
    /// What we never write: another type, or longer than we care to read.
    /// Only a value that came back can be this.
    Other,
}

/// The value of a key. Its text form is that of `scutil`'s `show`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Dictionary(pub(crate) BTreeMap<String, Value>);

impl Dictionary {
    /// Adds or replaces a member.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The texts of the list `name`, none if it is something else.
    #[cfg(test)]
    pub(crate) fn texts(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Value::Texts(texts)) => texts,
            Some(Value::Text(_) | Value::Number(_) | Value::Other) | None => &[],
        }
    }
}

impl fmt::Display for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            match value {
                Value::Text(text) => writeln!(f, "  {name} : {text:?}")?,
                Value::Number(number) => writeln!(f, "  {name} : {number}")?,
                Value::Texts(texts) => writeln!(f, "  {name} : {texts:?}")?,
                Value::Other => writeln!(f, "  {name} : (something else)")?,
            }
        }
        Ok(())
    }
}

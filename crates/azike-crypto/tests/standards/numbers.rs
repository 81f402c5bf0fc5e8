//! Reads the files of `tests/vectors`.

use azike_crypto::{Random, Secret};
use serde_json::Value;

/// The list `tests` of a file.
pub(crate) fn tests(json: &str) -> Vec<Value> {
    file(json)["tests"].as_array().unwrap().clone()
}

/// A whole file.
pub(crate) fn file(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// The octets that a field gives in hexadecimal.
pub(crate) fn octets(value: &Value, field: &str) -> Vec<u8> {
    hex(text(value, field))
}

/// A field that is text.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// A field that is a number.
pub(crate) fn number<T: TryFrom<u64, Error: std::fmt::Debug>>(value: &Value, field: &str) -> T {
    T::try_from(value[field].as_u64().unwrap()).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    let octet = |digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    digits.map(octet).collect()
}

pub(crate) fn secret(octets: impl Into<Vec<u8>>) -> Secret {
    Secret::new(octets.into().into_boxed_slice())
}

/// Randomness whose octets we choose, once.
pub(crate) struct Chosen(pub(crate) Vec<u8>);

impl Random for Chosen {
    fn fill(&mut self, octets: &mut [u8]) {
        let rest = self.0.split_off(octets.len());
        octets.copy_from_slice(&self.0);
        self.0 = rest;
    }
}

/// Randomness that counts.
pub(crate) struct Counter(pub(crate) u8);

impl Random for Counter {
    fn fill(&mut self, octets: &mut [u8]) {
        for octet in octets {
            self.0 = self.0.wrapping_mul(5).wrapping_add(17);
            *octet = self.0;
        }
    }
}

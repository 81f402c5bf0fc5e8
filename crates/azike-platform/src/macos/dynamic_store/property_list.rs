//! [`Dictionary`] to and from Core Foundation. What comes back may be anything:
//! types are asked for, counts and lengths are bounded.
#![expect(unsafe_code, reason = "Core Foundation's containers are untyped")]

use std::ffi::c_void;

use core_foundation::array::CFArray;
use core_foundation::base::{CFRange, CFType, TCFType as _};
use core_foundation::dictionary::CFDictionary;
use core_foundation::number::CFNumber;
use core_foundation::propertylist::{CFPropertyList, CFPropertyListSubClass as _};
use core_foundation::string::{CFString, CFStringGetBytes, kCFStringEncodingUTF8};

use super::dictionary::{Dictionary, MAX_MEMBERS, MAX_TEXT, Value};

/// The value as the store takes it.
pub(super) fn to_property_list(dictionary: &Dictionary) -> CFPropertyList {
    let member = |(name, value): (&String, &Value)| Some((CFString::new(name), to_cf(value)?));
    let members: Vec<_> = dictionary.0.iter().filter_map(member).collect();
    let members = CFDictionary::from_CFType_pairs(&members);
    members.into_untyped().into_CFPropertyList()
}

fn to_cf(value: &Value) -> Option<CFType> {
    match value {
        Value::Text(text) => Some(CFString::new(text).into_CFType()),
        Value::Number(number) => Some(CFNumber::from(*number).into_CFType()),
        Value::Texts(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| CFString::new(text)).collect();
            Some(CFArray::from_CFTypes(&texts).into_CFType())
        }
        Value::Other => None,
    }
}

/// The value as it came back; a value that is no dictionary has no members.
pub(super) fn from_property_list(list: &CFPropertyList) -> Dictionary {
    let mut dictionary = Dictionary::default();
    if let Some(members) = list.downcast::<CFDictionary>() {
        let (names, values) = members.get_keys_and_values();
        for (name, value) in names.into_iter().zip(values).take(MAX_MEMBERS) {
            let name = object(name).and_then(|name| text(&name.downcast_into()?));
            if let (Some(name), Some(value)) = (name, object(value)) {
                dictionary.0.insert(name, from_cf(&value));
            }
        }
    }
    dictionary
}

fn from_cf(value: &CFType) -> Value {
    if let Some(string) = value.downcast::<CFString>() {
        text(&string).map_or(Value::Other, Value::Text)
    } else if let Some(number) = value.downcast::<CFNumber>() {
        number.to_i64().map_or(Value::Other, Value::Number)
    } else if let Some(list) = value.downcast::<CFArray>() {
        texts(&list).map_or(Value::Other, Value::Texts)
    } else {
        Value::Other
    }
}

/// The members of a list, if all are texts.
fn texts(list: &CFArray) -> Option<Vec<String>> {
    let count = usize::try_from(list.len()).ok()?;
    if count > MAX_MEMBERS {
        return None;
    }
    let text = |member: *const c_void| text(&object(member)?.downcast_into()?);
    list.get_all_values().into_iter().map(text).collect()
}

/// A member of a property list, held by us.
fn object(member: *const c_void) -> Option<CFType> {
    if member.is_null() {
        return None;
    }
    // SAFETY: members of a property list are objects of Core Foundation, kept
    // alive by their container, which the caller holds during the call.
    Some(unsafe { CFType::wrap_under_get_rule(member) })
}

/// A text of at most [`MAX_TEXT`] octets. What is not Unicode becomes `?`.
///
/// The crate's own conversion panics at half a surrogate pair.
pub(in crate::macos) fn text(string: &CFString) -> Option<String> {
    let mut octets = vec![0; MAX_TEXT];
    let length = string.char_len();
    let range = CFRange::init(0, length);
    let room = isize::try_from(octets.len()).ok()?;
    let mut used = 0;
    // SAFETY: `string` lives through the call, the range is all of it, and no
    // more than `room` octets are written to `octets`, which has as many.
    let converted = unsafe {
        CFStringGetBytes(
            string.as_concrete_TypeRef(),
            range,
            kCFStringEncodingUTF8,
            b'?',
            0,
            octets.as_mut_ptr(),
            room,
            &raw mut used,
        )
    };
    if converted != length {
        return None;
    }
    octets.truncate(usize::try_from(used).ok()?);
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use core_foundation::base::kCFAllocatorDefault;
    use core_foundation::string::CFStringCreateWithCharacters;

    use super::*;

    #[test]
    fn a_dictionary_comes_back_as_it_went() {
        let texts = ["10.1.0.4", "", "bücher.example"].map(str::to_owned);
        let dictionary = Dictionary::default()
            .with("Texts", Value::Texts(texts.to_vec()))
            .with("Number", Value::Number(-5_000))
            .with("Text", Value::Text("utun7".to_owned()));
        assert_eq!(
            from_property_list(&to_property_list(&dictionary)),
            dictionary
        );
    }

    #[test]
    fn half_a_surrogate_pair_and_a_text_too_long_do_no_harm() {
        let units = [0x61, 0xd800, 0x62];
        // SAFETY: three units are three units, and a function named Create gives what is ours.
        let half = unsafe { CFStringCreateWithCharacters(kCFAllocatorDefault, units.as_ptr(), 3) };
        // SAFETY: as above.
        let half = unsafe { CFString::wrap_under_create_rule(half) };
        assert_eq!(text(&half).as_deref(), Some("a?b"));
        assert_eq!(text(&CFString::new(&"x".repeat(MAX_TEXT + 1))), None);
    }
}

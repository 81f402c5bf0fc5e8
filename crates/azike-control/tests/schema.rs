//! The documents that scripts read are what the files in `schema/` say, and the examples beside
//! them are real: they go through our types unchanged.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;

use azike_control::{ErrorDocument, EventLine, ServiceDocument, State, StatusDocument};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const ERROR: (&str, &str) = (
    include_str!("../schema/error.schema.json"),
    include_str!("../schema/error.example.json"),
);
const STATUS: (&str, &str) = (
    include_str!("../schema/status.schema.json"),
    include_str!("../schema/status.example.json"),
);
const EVENT: (&str, &str) = (
    include_str!("../schema/event.schema.json"),
    include_str!("../schema/event.example.jsonl"),
);
const SERVICE: (&str, &str) = (
    include_str!("../schema/service.schema.json"),
    include_str!("../schema/service.example.jsonl"),
);

#[test]
fn a_service_is_what_its_schema_says() {
    for line in SERVICE.1.lines() {
        agrees::<ServiceDocument>(SERVICE.0, line);
    }
}

#[test]
fn an_error_is_what_its_schema_says() {
    agrees::<ErrorDocument>(ERROR.0, ERROR.1);
}

#[test]
fn a_status_is_what_its_schema_says() {
    agrees::<StatusDocument>(STATUS.0, STATUS.1);
}

#[test]
fn events_are_what_their_schema_says() {
    for line in EVENT.1.lines() {
        agrees::<EventLine>(EVENT.0, line);
    }
}

/// The optional parts of a status, all absent, then all present.
#[test]
fn a_status_with_and_without_its_optional_parts_fits() {
    let schema: Value = serde_json::from_str(STATUS.0).unwrap();
    let mut status: StatusDocument = serde_json::from_str(STATUS.1).unwrap();
    let tunnel = status.tunnels.first_mut().unwrap();
    tunnel.waiting = Some(azike_control::Waiting {
        reason: "no network".into(),
        next_at: Some(tunnel.since),
    });
    tunnel.last_error = Some(azike_control::Code::NO_ANSWER_500.into());
    check(&schema, &schema, &serde_json::to_value(&status).unwrap()).unwrap();
    let tunnel = status.tunnels.first_mut().unwrap();
    (tunnel.ike, tunnel.certificate, tunnel.interface) = (None, None, None);
    (tunnel.mtu, tunnel.gateway.addr, tunnel.dns.verified) = (None, None, None);
    tunnel.child.clear();
    check(&schema, &schema, &serde_json::to_value(&status).unwrap()).unwrap();
}

#[test]
fn the_states_of_the_schema_are_the_states() {
    let schema: Value = serde_json::from_str(STATUS.0).unwrap();
    let listed = schema.pointer("/$defs/tunnel/properties/state/enum");
    let ours = State::ALL.map(State::name);
    assert_eq!(listed.unwrap(), &serde_json::to_value(ours).unwrap());
}

#[test]
fn a_document_that_does_not_fit_is_noticed() {
    let schema: Value = serde_json::from_str(STATUS.0).unwrap();
    let good: Value = serde_json::from_str(STATUS.1).unwrap();
    let breaks: [fn(&mut Value); 5] = [
        |v| *v.pointer_mut("/schema").unwrap() = "azike.status/2".into(),
        |v| *v.pointer_mut("/tunnels/0/state").unwrap() = "rekeying".into(),
        |v| *v.pointer_mut("/tunnels/0/ike/spi_i").unwrap() = "xyz".into(),
        |v| *v.pointer_mut("/tunnels/0/mtu").unwrap() = (-1).into(),
        |v| drop(v.as_object_mut().unwrap().remove("seq")),
    ];
    for damage in breaks {
        let mut bad = good.clone();
        damage(&mut bad);
        assert!(check(&schema, &schema, &bad).is_err());
    }
}

/// `example` fits `schema`, and comes back from our type as it was.
fn agrees<T: DeserializeOwned + Serialize>(schema: &str, example: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    check(&schema, &schema, &example).unwrap();
    let document: T = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(document).unwrap(), example);
}

/// Checks `value` against the keywords of JSON Schema that our files use; any other keyword is an
/// error, so that nothing in a file goes unchecked. Stricter than a schema: a field that is not
/// described does not fit, because every field that we write has to be described. As in JSON
/// Schema, a keyword for objects says nothing about other values.
fn check(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let rules = schema.as_object().ok_or("a schema is an object")?;
    for (keyword, rule) in rules {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let target = rule.as_str().and_then(|text| text.strip_prefix('#'));
                let target = target.and_then(|pointer| root.pointer(pointer));
                check(root, target.ok_or("no such definition")?, value)?;
                true
            }
            "type" => match rule.as_array() {
                Some(kinds) => kinds.iter().any(|kind| is(kind, value)),
                None => is(rule, value),
            },
            "const" => rule == value,
            "enum" => rule.as_array().is_some_and(|values| values.contains(value)),
            "minimum" => value
                .as_f64()
                .is_none_or(|number| Some(number) >= rule.as_f64()),
            "pattern" => matches_pattern(rule.as_str().unwrap(), value.as_str().unwrap_or("")),
            "oneOf" => {
                let choices = rule.as_array().unwrap();
                let fits = |choice: &&Value| check(root, choice, value).is_ok();
                choices.iter().filter(fits).count() == 1
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    check(root, rule, item)?;
                }
                true
            }
            "properties" => {
                for (name, field) in value.as_object().into_iter().flatten() {
                    let described = rule.get(name).ok_or(format!("{name} is not described"))?;
                    check(root, described, field).map_err(|error| format!("{name}: {error}"))?;
                }
                true
            }
            "required" => {
                let names: BTreeSet<&str> = rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                let fields = value.as_object();
                fields.is_none_or(|fields| names.iter().all(|name| fields.contains_key(*name)))
            }
            other => panic!("keyword {other} is not known here"),
        };
        if !fits {
            return Err(format!("{value} does not fit {keyword} {rule}"));
        }
    }
    Ok(())
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("type {other} is not known here"),
    }
}

/// The patterns of our files: characters, and classes with a count such as `[0-9]{4}`.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut rest = text.chars();
    let mut pattern = pattern.chars();
    while let Some(next) = pattern.next() {
        if next != '[' {
            if rest.next() != Some(next) {
                return false;
            }
            continue;
        }
        let class: Vec<char> = pattern.by_ref().take_while(|&c| c != ']').collect();
        let count: String = pattern.by_ref().skip(1).take_while(|&c| c != '}').collect();
        let fits = |c: char| {
            class
                .split(|&c| c == '-')
                .collect::<Vec<_>>()
                .windows(2)
                .any(|pair| match pair {
                    [[.., first], [last, ..]] => (*first..=*last).contains(&c),
                    _ => false,
                })
        };
        for _ in 0..count.parse::<usize>().unwrap() {
            if !rest.next().is_some_and(fits) {
                return false;
            }
        }
    }
    rest.next().is_none()
}

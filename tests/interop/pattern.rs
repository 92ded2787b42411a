//! What a parsed value has to look like: JSON that names what matters and leaves the rest open.
//!
//! A string that begins with `~` stands for a kind of value. An object has to have the members named; an array of one
//! pattern has to have items, each of which fits it; all else is compared.

use serde_json::Value;

/// Why the value does not fit, and where.
pub fn misfit(pattern: &Value, value: &Value, place: &str) -> Option<String> {
    match (pattern, value) {
        (Value::String(kind), _) if kind.starts_with('~') => {
            (!is(kind, value)).then(|| format!("{place} is no {kind}: {}", short(value)))
        }
        (Value::Object(pattern), Value::Object(value)) => {
            pattern.iter().find_map(|(name, pattern)| {
                let place = format!("{place}.{name}");
                match value.get(name) {
                    Some(value) => misfit(pattern, value, &place),
                    None => Some(format!("{place} is missing")),
                }
            })
        }
        (Value::Array(pattern), Value::Array(value)) if pattern.len() == 1 => {
            if value.is_empty() {
                return Some(format!("{place} is empty"));
            }
            let each = value.iter().enumerate();
            each.map(|(i, value)| misfit(&pattern[0], value, &format!("{place}[{i}]")))
                .find_map(|misfit| misfit)
        }
        _ => (pattern != value).then(|| format!("{place} is not {pattern}: {}", short(value))),
    }
}

fn is(kind: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let bare = text.strip_prefix("0x").unwrap_or(text);
    let hex =
        |digits: usize| bare.len() == digits && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = |prefix: &str| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty())
    };
    match kind {
        "~text" => !text.is_empty(),
        "~number" => value.is_number(),
        "~int" => value.is_u64(),
        "~bool" => value.is_boolean(),
        // Of an app, an instance or a contract.
        "~address" => hex(40),
        // Of a document, a device, an image or a key.
        "~hash" => hex(64),
        "~hex" => !bare.is_empty() && hex(bare.len()),
        "~uuid" => text.len() == 36 && text.replace('-', "").len() == 32,
        "~bare uuid" => text.len() == 32 && hex(32),
        "~url" => text.starts_with("http://") || text.starts_with("https://"),
        "~time" => text.parse::<jiff::Timestamp>().is_ok(),
        "~list" => value.is_array(),
        "~object" => value.is_object(),
        _ => match kind.strip_prefix("~has ") {
            Some(part) => text.contains(part),
            None if kind.ends_with('_') => id(&kind[1..]),
            None => panic!("{kind} is no kind of value"),
        },
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_named_has_to_be_there() {
        let value = json!({"id": "cvm_1", "rows": [{"n": 1}, {"n": 2}], "rest": null});
        for fitting in [
            json!({}),
            json!({"id": "~cvm_", "rows": [{"n": "~int"}]}),
            json!({"rest": null}),
            json!("~object"),
        ] {
            assert_eq!(misfit(&fitting, &value, "it"), None, "{fitting}");
        }
        for (pattern, problem) in [
            (json!({"id": "~uuid"}), "it.id is no ~uuid"),
            (json!({"rows": [{"n": 1}]}), "it.rows[1].n is not 1"),
            (json!({"rows": [{"m": 1}]}), "it.rows[0].m is missing"),
            (json!({"rest": "~text"}), "it.rest is no ~text"),
            (json!([{}]), "it is not"),
        ] {
            let found = misfit(&pattern, &value, "it").unwrap();
            assert!(found.starts_with(problem), "{found}");
        }
        assert_eq!(
            misfit(&json!(["~int"]), &json!([]), "it").unwrap(),
            "it is empty"
        );
    }
}

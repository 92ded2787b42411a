//! Numbers as JavaScript and Python write them, where both write the same.

/// A number's text in a canonical document; `None` where the two languages differ, or cannot hold it.
///
/// `text` is a number in JSON.
pub fn agreed(text: &str) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let javascript = javascript(value);
    let python = if text.contains(['.', 'e', 'E']) {
        python_float(value)
    } else if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    };
    (javascript == python).then_some(javascript)
}

/// `Number::toString` of ECMA-262, for radix 10.
fn javascript(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let (digits, exponent) = shortest(value);
    let text = if (-6..21).contains(&exponent) {
        plain(&digits, exponent)
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{}", pointed(&digits), exponent.abs())
    };
    signed(value, text)
}

/// `repr` of a float in Python.
fn python_float(value: f64) -> String {
    if value == 0.0 {
        return signed(value, "0.0".to_owned());
    }
    let (digits, exponent) = shortest(value);
    let text = if (-4..16).contains(&exponent) {
        let text = plain(&digits, exponent);
        if text.contains('.') {
            text
        } else {
            format!("{text}.0")
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", pointed(&digits), exponent.abs())
    };
    signed(value, text)
}

/// The shortest digits that read back as this number, and the power of ten of the first of them.
fn shortest(value: f64) -> (String, i32) {
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// Digits without an exponent.
fn plain(digits: &str, exponent: i32) -> String {
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    match digits.len() {
        _ if whole == 0 => format!("0.{digits}"),
        count if count <= whole => format!("{digits}{}", "0".repeat(whole - count)),
        _ => format!("{}.{}", &digits[..whole], &digits[whole..]),
    }
}

/// Digits with a point behind the first.
fn pointed(digits: &str) -> String {
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}"),
        _ => digits.to_owned(),
    }
}

fn signed(value: f64, text: String) -> String {
    if value.is_sign_negative() {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (1.25e300, "1.25e+300"),
            (0.1, "0.1"),
        ] {
            assert_eq!(javascript(value), text);
        }
    }

    #[test]
    fn floats_are_written_as_python_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e22, "1.5e+22"),
        ] {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn what_both_write_alike_is_taken_and_nothing_else() {
        for text in [
            "0",
            "42",
            "-7",
            "3.14",
            "1e21",
            "9007199254740992",
            "1.5e-9",
        ] {
            let agreed = agreed(text);
            assert_eq!(agreed.is_some(), text != "1.5e-9", "{text}");
        }
        assert_eq!(agreed("-0").as_deref(), Some("0"));
        assert_eq!(agreed("3.140").as_deref(), Some("3.14"));
        for text in ["1.0", "-0.0", "1e3", "9007199254740993", "1e400", "1e-7"] {
            assert_eq!(agreed(text), None, "{text}");
        }
    }
}

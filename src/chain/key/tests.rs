//! What is a key, what is none, and what is shown of either.

use proptest::prelude::*;

use super::*;

const DIGITS: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const ADDRESS: &str = "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b";
/// The number of points of the curve: the first number that is no key.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn parse(text: &str) -> Result<Key, NoKey> {
    Key::parse(&Secret::new(text))
}

#[test]
fn a_key_is_read_as_people_have_it() {
    for text in [
        DIGITS.to_owned(),
        DIGITS.to_uppercase(),
        format!("0x{DIGITS}"),
        format!("{DIGITS}\n"),
        format!(" \t0x{DIGITS}\r\n"),
    ] {
        let key = parse(&text).unwrap();
        assert_eq!(key.address().to_string(), ADDRESS, "{text:?}");
    }
}

#[test]
fn what_has_another_shape_is_no_key() {
    for text in [
        "",
        "0x",
        &DIGITS[1..],
        &format!("{DIGITS}0"),
        &format!("0X{DIGITS}"),
        &format!("0x0x{DIGITS}"),
        &format!("{} {}", &DIGITS[..32], &DIGITS[32..]),
        &format!("{}g", &DIGITS[1..]),
        &format!("{DIGITS}\n{DIGITS}"),
        "test test test test test test test test test test test junk",
    ] {
        assert_eq!(parse(text).unwrap_err(), NoKey::Shape, "{text:?}");
    }
}

#[test]
fn a_number_beyond_the_curve_is_no_key() {
    for text in [&"0".repeat(64), ORDER, &"f".repeat(64)] {
        assert_eq!(parse(text).unwrap_err(), NoKey::Number, "{text}");
    }
    let last = ORDER.replace("4141", "4140");
    assert!(parse(&last).is_ok());
    assert!(parse(&format!("{}1", "0".repeat(63))).is_ok());
}

#[test]
fn only_the_address_is_printed() {
    let key = parse(DIGITS).unwrap();
    assert_eq!(format!("{key:?}"), format!("Key({ADDRESS})"));
}

proptest! {
    #[test]
    fn a_reason_quotes_nothing(text in "[0-9a-zA-Z]{8,70}") {
        if let Err(why) = parse(&text) {
            let told = format!("{why} {why:?}");
            prop_assert!(!told.contains(&text), "{}", told);
        }
    }
}

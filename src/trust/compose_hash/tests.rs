use proptest::prelude::*;
use serde_json::Value;

use super::*;

const HASHES: &str = include_str!("../../../tests/vectors/compose_hash.json");
const FORMS: &str = include_str!("../../../tests/vectors/compose_forms.json");
const SUBSTITUTIONS: &str = include_str!("../../../tests/vectors/compose_substitution.json");

fn vectors(text: &str, count: usize) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    let vectors = file["vectors"].as_array().unwrap().clone();
    assert_eq!(vectors.len(), count);
    vectors
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn judge(
    live: &str,
    known: &Hash,
    parts: (Option<&str>, Option<&str>),
    named: &Hash,
) -> Result<Verdict, CannotCompute> {
    Foretold::of(live, known, parts).map(|foretold| foretold.judge(named))
}

fn compact(document: &Document) -> String {
    hex::encode(document.hash(Form::CompactDeep))
}

#[test]
fn every_document_is_hashed_as_the_official_clients_do_or_refused() {
    let mut refused = 0;
    for vector in vectors(HASHES, 60) {
        let answer = match Document::parse(vector["input_json"].as_str().unwrap()) {
            Ok(document) => compact(&document),
            Err(_) => "refuse".to_owned(),
        };
        refused += usize::from(answer == "refuse");
        let acceptable = vector["acceptable"].as_array().unwrap();
        assert!(
            acceptable.iter().any(|one| *one == answer.as_str()),
            "{}: {answer}",
            vector["id"]
        );
    }
    assert_eq!(refused, 9, "refusing everything would be easy");
}

#[test]
fn every_form_is_written_byte_for_byte() {
    for vector in vectors(FORMS, 12) {
        let document = Document::parse(vector["document_json"].as_str().unwrap()).unwrap();
        let hashes = vector["hashes"].as_object().unwrap();
        assert_eq!(hashes.len(), 4);
        for (name, expected) in hashes {
            let form = Form::ALL.into_iter().find(|form| form.name() == name);
            let form = form.unwrap();
            if let Some(text) = vector["texts"][name].as_str() {
                assert_eq!(form::write(&document.top, form), text, "{}", vector["id"]);
            }
            let found = hex::encode(document.hash(form));
            assert_eq!(found, expected.as_str().unwrap(), "{} {name}", vector["id"]);
        }
    }
}

#[test]
fn replaced_parts_give_the_hash_of_the_new_document() {
    let mut seen = 0;
    for vector in vectors(SUBSTITUTIONS, 12) {
        let replaced = vector["replace"].as_object().unwrap();
        let part = |name: &str| replaced.get(name).and_then(Value::as_str);
        let parts = (part("docker_compose_file"), part("pre_launch_script"));
        // The instances call replaces these two; the others are other calls' business.
        if replaced.contains_key("allowed_envs") {
            continue;
        }
        seen += 1;
        let stored = vector["stored_document"].to_string();
        let known = hash(vector["stored_hash"].as_str().unwrap());
        let named = hash(vector["expected_hash"].as_str().unwrap());
        assert_eq!(
            judge(&stored, &known, parts, &named),
            Ok(Verdict::Same(Form::CompactDeep)),
            "{}",
            vector["id"]
        );
        let mut other = named;
        other[0] ^= 1;
        assert_eq!(
            judge(&stored, &known, parts, &other),
            Ok(Verdict::Differs {
                form: Form::CompactDeep,
                computed: named
            })
        );
    }
    assert_eq!(seen, 9);
}

#[test]
fn the_form_the_live_document_is_in_is_the_one_expected() {
    let live = r#"{"runner":"docker-compose","docker_compose_file":"a","z":{"b":1,"a":2}}"#;
    let document = Document::parse(live).unwrap();
    for form in Form::ALL {
        let known = document.hash(form);
        let found = document.form_of(&known).unwrap();
        assert_eq!(document.hash(found), known);
        let verdict = judge(live, &known, (Some("b"), None), &[0; 32]);
        let replaced = document.clone().with(Some("b"), None).unwrap();
        let computed = replaced.hash(found);
        assert_eq!(
            verdict,
            Ok(Verdict::Differs {
                form: found,
                computed
            })
        );
    }
}

#[test]
fn a_live_document_that_does_not_give_its_own_hash_foretells_nothing() {
    let live = r#"{"runner":"docker-compose"}"#;
    let document = Document::parse(live).unwrap();
    let named = document.hash(Form::CompactDeep);
    assert_eq!(
        judge(live, &[7; 32], (None, None), &named),
        Err(CannotCompute::Uncalibrated)
    );
}

#[test]
fn a_new_part_is_refused_where_not_everybody_would_sort_it() {
    // An object with a member of this name is not sorted in JavaScript, and the new part comes last.
    let live = r#"{"constructor":1,"docker_compose_file":"a","runner":"docker-compose"}"#;
    let known = Document::parse(live).unwrap().hash(Form::CompactDeep);
    let foretold = |parts| Foretold::of(live, &known, parts).map(|foretold| foretold.form());
    assert_eq!(foretold((Some("b"), None)), Ok(Form::CompactDeep));
    assert_eq!(
        foretold((None, Some("#!/bin/sh"))),
        Err(CannotCompute::Unsure(Unsure::Names))
    );
}

#[test]
fn a_document_of_very_many_members_is_read() {
    let member = |number: usize| format!("\"a{number:06}\":{number}");
    let members: Vec<_> = (0..200_000).map(member).collect();
    let text = format!("{{{},\"a000001\":7}}", members.join(","));
    let document = Document::parse(&text).unwrap();
    let once = text
        .replacen(":1,", ":7,", 1)
        .replace(",\"a000001\":7}", "}");
    assert_eq!(document.written(Form::CompactDeep), once);
}

#[test]
fn each_reason_to_refuse_has_its_name() {
    use Unsure::{Depth, Names, Number, Text};
    let deep = |levels: usize| {
        let lists = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"a":{lists}}}"#)
    };
    assert!(Document::parse(&deep(127)).is_ok());
    for (text, why) in [
        (deep(128), Depth),
        (deep(5000), Depth),
        (r#"{"n":1.0}"#.into(), Number),
        (r#"{"n":[1e400]}"#.into(), Number),
        (r#"{"__proto__":1}"#.into(), Names),
        (r#"{"b":1,"a":2,"constructor":3}"#.into(), Names),
        (r#"{"10":1,"9":2}"#.into(), Names),
        (r#"{"s":"\ud800"}"#.into(), Text),
        (r#"{"\ud800":1}"#.into(), Text),
    ] {
        let refused = Document::parse(&text).unwrap_err();
        assert_eq!(refused, CannotCompute::Unsure(why), "{text:.40}");
    }
    assert!(Document::parse(r#"{"a":1,"b":2,"constructor":3}"#).is_ok());
    assert_eq!(Document::parse("[]"), Err(CannotCompute::NotAnObject));
    assert_eq!(Document::parse("{} {}"), Err(CannotCompute::NotJson));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BYTES));
    assert_eq!(Document::parse(&large), Err(CannotCompute::TooLarge));
}

#[test]
fn printing_a_document_prints_names_only() {
    let document = Document::parse(r#"{"name":"x","pre_launch_script":"export A=1"}"#).unwrap();
    assert_eq!(format!("{document:?}"), "Document(name, pre_launch_script)");
}

#[test]
fn the_service_may_name_the_hash_of_any_form() {
    let live = r#"{"name":"x","docker_compose_file":"a"}"#;
    let document = Document::parse(live).unwrap();
    let known = document.hash(Form::IndentedDeep);
    let foretold = Foretold::of(live, &known, (Some("b"), None)).unwrap();
    let new = document.with(Some("b"), None).unwrap();
    let named = new.hash(Form::CompactDeep);
    assert_ne!(named, foretold.likeliest());
    assert_eq!(foretold.judge(&named), Verdict::Same(Form::CompactDeep));
    let differs = Verdict::Differs {
        form: Form::IndentedDeep,
        computed: new.hash(Form::IndentedDeep),
    };
    assert_eq!(foretold.judge(&known), differs, "the old content");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".*", json in "[\\[\\]{}\",:0-9eE.+\\-a\\\\u ]*") {
        let _ = Document::parse(&text);
        let _ = Document::parse(&json);
    }

    #[test]
    fn texts_come_through_every_form(text in any::<String>(), name in "[a-z]{1,8}") {
        let source = serde_json::json!({ name.clone(): text }).to_string();
        let document = Document::parse(&source).unwrap();
        for form in Form::ALL {
            let written = form::write(&document.top, form);
            prop_assert_eq!(&serde_json::from_str::<Value>(&written).unwrap()[&name], &text);
        }
    }
}

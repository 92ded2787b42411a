//! App-compose documents: each form reads back as the same document, and a replaced part counts as if it had been
//! stored.

use phala_wizard::trust::compose_hash::{CannotCompute, Document, Foretold, Form, Hash, Verdict};
use serde_json::Value;
use sha2::{Digest, Sha256};

const COMPOSE: &str = "services:\n  web:\n    image: \"a\u{e9}\\b\"\n";
const SCRIPT: &str = "#!/bin/bash\nexport A=\"1\"\t\u{7f}\n";

/// Reads a document, writes it in every form, and replaces parts of it.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(document) = Document::parse(text) else {
        return;
    };
    for form in Form::ALL {
        is_read_back(&document, form);
    }
    foretells_itself(text, &document);
    for parts in [
        (Some(COMPOSE), None),
        (None, Some(SCRIPT)),
        (Some(COMPOSE), Some(SCRIPT)),
    ] {
        is_replaced_as_if_stored(text, &document, parts);
    }
}

/// Compose file and script in place of a document's own.
type Parts<'p> = (Option<&'p str>, Option<&'p str>);

fn deep(document: &Document) -> Hash {
    document.hash(Form::CompactDeep)
}

fn is_read_back(document: &Document, form: Form) {
    let written = document.written(form);
    let hash = document.hash(form);
    assert_eq!(hash, <Hash>::from(Sha256::digest(&written)));
    let again = Document::parse(&written).expect("what was written is read");
    assert_eq!(again.hash(form), hash, "{form}");
    assert_eq!(deep(&again), deep(document), "{form}");
    if form.name().ends_with("_ascii") {
        assert!(written.is_ascii());
    }
    // The content is the same for readers that know nothing of forms, too. They may refuse what is nested very deeply.
    if let Ok(value) = serde_json::from_str::<Value>(&written) {
        let compact = document.written(Form::CompactDeep);
        assert_eq!(serde_json::from_str::<Value>(&compact).ok(), Some(value));
    }
}

fn foretells_itself(text: &str, document: &Document) {
    for (form, hash) in document.hashes() {
        let foretold = Foretold::of(text, &hash, (None, None)).expect("it gives its own hash");
        assert!(matches!(foretold.judge(&hash), Verdict::Same(_)));
        assert_eq!(foretold.likeliest(), hash, "{form}");
    }
    assert!(Foretold::of(text, &[7; 32], (None, None)).is_err());
}

/// The parts in place are what a document has that was stored with them.
fn is_replaced_as_if_stored(text: &str, document: &Document, parts: Parts) {
    let Ok(Value::Object(mut stored)) = serde_json::from_str(text) else {
        return;
    };
    let foretold = Foretold::of(text, &deep(document), parts);
    let named: Vec<_> = ["docker_compose_file", "pre_launch_script"]
        .into_iter()
        .zip(<[_; 2]>::from(parts))
        .filter_map(|(name, part)| Some((name, Value::from(part?))))
        .collect();
    if named.iter().all(|(name, _)| !stored.contains_key(*name)) {
        // The stored text can be had to the byte: new members come last.
        is_foretold(&with_members(text, &named), &foretold);
        return;
    }
    for (name, part) in named {
        stored.insert(name.to_owned(), part);
    }
    let stored = Document::parse(&Value::Object(stored).to_string());
    // Numbers come out of such a reader in other spellings, and may be refused.
    if let (Ok(stored), Ok(foretold)) = (stored, foretold) {
        let verdict = foretold.judge(&deep(&stored));
        assert_eq!(verdict, Verdict::Same(Form::CompactDeep));
    }
}

/// A stored document is foretold in every form, or both are refused.
fn is_foretold(stored: &str, foretold: &Result<Foretold, CannotCompute>) {
    match (Document::parse(stored), foretold) {
        (Ok(stored), Ok(foretold)) => {
            for (form, hash) in stored.hashes() {
                assert!(matches!(foretold.judge(&hash), Verdict::Same(_)), "{form}");
            }
        }
        (Err(_), Err(_)) => {}
        (stored, foretold) => panic!("stored: {stored:?}, foretold: {foretold:?}"),
    }
}

/// The text of an object, with members behind its own.
fn with_members(text: &str, members: &[(&str, Value)]) -> String {
    let inside = text.trim_end().strip_suffix('}').expect("an object");
    let is_empty = inside.trim_end().ends_with('{');
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    let comma = if is_empty { "" } else { "," };
    format!("{inside}{comma}{}}}", members.join(","))
}

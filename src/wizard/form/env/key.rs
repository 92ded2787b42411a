//! The key that values are encrypted to: whether it can be used, and how far it can be trusted.

use crate::trust::env_blob::EnvKey;
use crate::wizard::facts::{AppFacts, Facts, Load};
use crate::wizard::form::app::shorten;
use crate::wizard::page::{Line, Mark};
use crate::wizard::trouble;

/// Why nothing can be encrypted now.
pub fn problem(facts: &Facts) -> Option<String> {
    let about = facts.app.as_ref()?;
    match &about.env_key {
        Load::Unasked | Load::Asked if can_come(about) => {
            Some("the app's encryption key is still being asked for".into())
        }
        Load::Unasked | Load::Asked => Some(
            "no instance of the app names its encryption key, so nothing can be encrypted".into(),
        ),
        Load::Failed(_) => Some("the app's encryption key did not come: r asks again".into()),
        Load::Here(answer) => EnvKey::parse(answer.public_key.as_str())
            .err()
            .map(|error| error.to_string()),
    }
}

/// The key and what is known about it.
pub fn lines(facts: &Facts) -> Vec<Line> {
    let Some(about) = &facts.app else {
        return Vec::new();
    };
    let label = || Line::label("encrypted to", 14);
    let Load::Here(answer) = &about.env_key else {
        return match &about.env_key {
            Load::Failed(error) => vec![label().bad("no key"), trouble::brief(error)],
            _ if can_come(about) => vec![label().mark(Mark::Busy).dim("asking for the app's key")],
            _ => vec![label().bad("no instance of the app names its key")],
        };
    };
    let key = match EnvKey::parse(answer.public_key.as_str()) {
        Ok(key) => key.to_string(),
        Err(error) => return vec![label().mark(Mark::Bad).bad(error.to_string())],
    };
    let origin = match (&answer.signature, about.is_on_chain()) {
        (Some(_), _) => "a signature by the KMS came with it",
        (None, true) => "no signature came with it, although a contract governs the app",
        (None, false) => "no signature travels with the key of a central KMS",
    };
    vec![
        label()
            .plain(format!("0x{}", shorten(&key)))
            .dim("  the app's key"),
        Line::label("", 14).dim(origin),
        Line::label("", 14).warn("not checked against the chain yet"),
    ]
}

/// Whether asking again could help.
pub fn can_ask_again(facts: &Facts) -> bool {
    facts
        .app
        .as_ref()
        .is_some_and(|about| about.env_key.error().is_some() || about.document.error().is_some())
}

fn can_come(about: &AppFacts) -> bool {
    matches!(about.env_key, Load::Asked) || about.instances.is_pending()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{KEY, facts, with_key, words_of};
    use super::*;

    #[test]
    fn a_good_key_is_short_and_honestly_labelled() {
        let text = words_of(&lines(&with_key(facts(&[]), KEY, None)));
        assert!(text.contains("0xde9edb7d..2b4f"), "{text}");
        assert!(text.contains("no signature travels"), "{text}");
        assert!(text.contains("not checked against the chain yet"), "{text}");
        let signed = words_of(&lines(&with_key(facts(&[]), KEY, Some("ab"))));
        assert!(
            signed.contains("a signature by the KMS came with it"),
            "{signed}"
        );
    }

    #[test]
    fn a_key_of_63_digits_stops() {
        let facts = with_key(facts(&[]), &KEY[1..], None);
        let problem = problem(&facts);
        assert_eq!(
            problem.as_deref(),
            Some("the encryption key is not readable: 64 hex digits wanted, 63 found")
        );
        assert!(words_of(&lines(&facts)).contains("63 found"));
    }

    #[test]
    fn a_key_that_has_not_come_says_so() {
        let mut facts = facts(&[]);
        if let Some(about) = &mut facts.app {
            about.env_key = Load::Asked;
        }
        assert!(problem(&facts).is_some_and(|p| p.contains("still being asked for")));
        if let Some(about) = &mut facts.app {
            about.env_key = Load::Unasked;
            about.instances = Load::Here(Vec::new());
        }
        assert!(problem(&facts).is_some_and(|p| p.contains("no instance of the app names")));
    }
}

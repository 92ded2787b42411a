//! The key that values are encrypted to: whether it can be used, and how far it can be trusted.

use crate::api::types::EnvKeyAnswer;
use crate::trust::env_blob::EnvKey;
use crate::trust::env_key_signature::{Claim, Signer, WrongKey, recover};
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
        Load::Here(answer) => match EnvKey::parse(answer.public_key.as_str()) {
            Err(error) => Some(error.to_string()),
            Ok(_) => signer(about, answer)
                .err()
                .map(|why| format!("the app's encryption key is wrong: {why}")),
        },
    }
}

/// Who signed the key, where a signature came with it. It is not compared with the KMS contract here, so a good one
/// says only that somebody signed this very key for this very app.
fn signer(about: &AppFacts, answer: &EnvKeyAnswer) -> Result<Option<Signer>, WrongKey> {
    let Some(signature) = &answer.signature else {
        return Ok(None);
    };
    let claim = Claim {
        app_id: &about.app.id.to_string(),
        public_key: answer.public_key.as_str(),
        signature: Some(signature.as_str()),
        timestamp: None,
    };
    // Only a dated signature depends on the time, and the API gives none.
    recover(&claim, 0).map(Some)
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
    let below = || Line::label("", 14);
    let verdict = match (signer(about, answer), about.is_on_chain()) {
        (Err(why), _) => vec![below().mark(Mark::Bad).bad(why.to_string())],
        (Ok(Some(signer)), _) => vec![
            below()
                .plain("signed by ")
                .plain(shorten(&signer.to_string())),
            below().warn("not compared with the KMS contract yet"),
        ],
        (Ok(None), true) => {
            vec![below().warn("no signature came with it, although a contract governs the app")]
        }
        (Ok(None), false) => {
            vec![below().dim("not verifiable: a central KMS signs no key; you trust the service")]
        }
    };
    let mut lines = vec![
        label()
            .plain(format!("0x{}", shorten(&key)))
            .dim("  the app's key"),
    ];
    lines.extend(verdict);
    lines
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
    use crate::api::types::AppId;

    #[test]
    fn a_good_key_is_short_and_honestly_labelled() {
        let text = words_of(&lines(&with_key(facts(&[]), KEY, None)));
        assert!(text.contains("0xde9edb7d..2b4f"), "{text}");
        assert!(text.contains("not verifiable: a central KMS"), "{text}");
    }

    #[test]
    fn a_signature_names_its_signer_and_a_damaged_one_stops() {
        let file = include_str!("../../../../tests/vectors/env_pubkey_signature.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let vector = &file["vectors"][0];
        let text = |name: &str| vector[name].as_str().unwrap();
        let signed = |signature: &str| {
            let mut facts = with_key(facts(&[]), text("public_key"), Some(signature));
            if let Some(about) = &mut facts.app {
                about.app.id = AppId::parse(text("app_id")).unwrap();
            }
            facts
        };
        let good = signed(text("signature"));
        assert_eq!(problem(&good), None);
        let words = words_of(&lines(&good));
        let by = shorten(text("expected_kms_public_key"));
        assert!(words.contains(&format!("signed by {by}")), "{words}");
        assert!(
            words.contains("not compared with the KMS contract"),
            "{words}"
        );
        let damaged = signed(&text("signature")[2..]);
        let why = problem(&damaged).unwrap();
        assert!(why.contains("130 hex digits wanted, 128 found"), "{why}");
        assert!(words_of(&lines(&damaged)).contains("128 found"));
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

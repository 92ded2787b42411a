//! The key that values are encrypted to: whether it can be used, and how far it can be trusted.
//!
//! Whoever holds the secret half of the key reads every value, so four things can honestly be said of it: verified on
//! chain, signed by whom the service names, not verifiable, wrong. Wrong stops; the others are shown for what they are.

use crate::api::types::EnvKeyAnswer;
use crate::chain::numbered;
use crate::shown::Shown;
use crate::trust::env_blob::EnvKey;
use crate::trust::env_key_signature::{Anchor, Claim, KeyVerdict, Signer, judge, recover};
use crate::wizard::facts::{AppFacts, Facts, Load};
use crate::wizard::form::app::shorten;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::page::{Line, Mark, title};
use crate::wizard::trouble;

/// Columns of the labels.
const LABEL: usize = 14;

/// Why nothing can be encrypted now.
pub fn problem(facts: &Facts) -> Option<String> {
    // It is known with the provision, and values are encrypted then.
    let about = facts.app.as_ref().filter(|about| about.new.is_none())?;
    match &about.env_key {
        Load::Unasked | Load::Asked if can_come(about) => {
            Some("the app's encryption key is still being asked for".into())
        }
        Load::Unasked | Load::Asked => Some(
            "no instance of the app names its encryption key, so nothing can be encrypted".into(),
        ),
        Load::Failed(_) => Some(format!(
            "the app's encryption key did not come: {} asks again",
            hint(Command::Refresh)
        )),
        Load::Here(answer) => match EnvKey::parse(answer.public_key.as_str()) {
            Err(error) => Some(error.to_string()),
            Ok(_) => refused(&verdict(about, answer)),
        },
    }
}

fn refused(verdict: &KeyVerdict) -> Option<String> {
    (!verdict.allows_sealing()).then(|| format!("the app's encryption key is {verdict}"))
}

/// What can honestly be said of the key that came.
fn verdict(about: &AppFacts, answer: &EnvKeyAnswer) -> KeyVerdict {
    // Only a dated signature depends on the time, and the API gives none.
    judge(&claim(&about.app.id.to_string(), answer), anchor(about), 0)
}

fn claim<'c>(app_id: &'c str, answer: &'c EnvKeyAnswer) -> Claim<'c> {
    Claim {
        app_id,
        public_key: answer.public_key.as_str(),
        signature: answer.signature.as_ref().map(Shown::as_str),
        timestamp: None,
    }
}

/// Whom the key has to be signed by: what the contract says before what the service says of it.
fn anchor(about: &AppFacts) -> Anchor {
    if let Some(keys) = about.kms_keys.get() {
        return Anchor::Contract(Signer::from_bytes(keys.signer));
    }
    let named = about
        .template()
        .and_then(|template| template.kms.signer.as_ref());
    match named.map(|named| Signer::parse(named.as_str())) {
        Some(Ok(signer)) => Anchor::SameService(signer),
        Some(Err(_)) | None => Anchor::Nothing,
    }
}

/// The verdict in a few words, for the review's remarks; `None` where there is nothing to remark.
pub fn remark(facts: &Facts) -> Option<&'static str> {
    let about = facts.app.as_ref()?;
    let answer = about.env_key.get()?;
    match (verdict(about, answer), about.is_on_chain()) {
        (KeyVerdict::VerifiedOnChain(_), _) => None,
        (KeyVerdict::Wrong(_), _) => Some("the app's encryption key is wrong"),
        (KeyVerdict::SignedBySameService(_), _) => Some(
            "the app's encryption key is signed by whom the service names, not compared with the KMS contract",
        ),
        (KeyVerdict::NotVerifiable, true) => {
            Some("the app's encryption key was not compared with the KMS contract")
        }
        (KeyVerdict::NotVerifiable, false) => {
            Some("nobody but the service vouches for the app's encryption key")
        }
    }
}

/// The key and what is known about it.
pub fn lines(facts: &Facts) -> Vec<Line> {
    let Some(about) = &facts.app else {
        return Vec::new();
    };
    let label = || Line::label("encrypted to", LABEL);
    if about.new.is_some() {
        return vec![
            label().dim("the new app's key, which the service names when it is provisioned"),
        ];
    }
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
    let mut lines = vec![
        label()
            .plain(format!("0x{}", shorten(&key)))
            .dim("  the app's key"),
    ];
    lines.extend(judged(about, answer));
    lines.extend(reading(facts, about, answer));
    lines
}

/// The verdict, in words for somebody who hears of a KMS for the first time.
fn judged(about: &AppFacts, answer: &EnvKeyAnswer) -> Vec<Line> {
    let below = || Line::label("", LABEL);
    let short = |signer: &Signer| shorten(&signer.to_string());
    match verdict(about, answer) {
        KeyVerdict::VerifiedOnChain(signer) => vec![
            below().mark(Mark::Ok).good("verified on chain"),
            below().dim(format!(
                "signed by {}, the key in the contract of the KMS",
                short(&signer)
            )),
        ],
        KeyVerdict::SignedBySameService(signer) => vec![
            below()
                .mark(Mark::Warn)
                .plain(format!("signed by {}", short(&signer))),
            below().dim("which the same service names: consistent, not proven"),
        ],
        KeyVerdict::NotVerifiable => match (&answer.signature, about.is_on_chain()) {
            (Some(_), _) => {
                // Recovery always yields some signer; damaged signatures were judged wrong.
                let app_id = about.app.id.to_string();
                let signer = recover(&claim(&app_id, answer), 0);
                let by = signer.map_or_else(|why| why.to_string(), |signer| short(&signer));
                vec![
                    below().mark(Mark::Warn).plain(format!("signed by {by}")),
                    below().warn("not compared with the contract of the KMS"),
                ]
            }
            (None, true) => {
                vec![below().warn("no signature came with it, although a contract governs the app")]
            }
            (None, false) => vec![
                below().dim("not verifiable: a central KMS signs no key; you trust the service"),
            ],
        },
        KeyVerdict::Wrong(why) => vec![
            below().mark(Mark::Bad).bad(format!("WRONG: {why}")),
            below().bad("nothing is encrypted to it"),
        ],
    }
}

/// How far the contract has been read, and what would read it.
fn reading(facts: &Facts, about: &AppFacts, answer: &EnvKeyAnswer) -> Option<Line> {
    let below = || Line::label("", LABEL);
    answer.signature.as_ref()?;
    let host = host(facts);
    match (&about.kms_keys, host) {
        (Load::Asked, Some(host)) => Some(
            below()
                .mark(Mark::Busy)
                .dim(format!("reading the contract at {host}")),
        ),
        (Load::Failed(error), Some(host)) => Some(
            below()
                .mark(Mark::Warn)
                .warn(format!("the contract could not be read: {error}"))
                .dim(format!("   {} asks {host} again", hint(Command::Prove))),
        ),
        (Load::Unasked, Some(host)) => Some(
            below()
                .accent(hint(Command::Prove))
                .plain(format!(" reads the contract at {host}")),
        ),
        (Load::Here(keys), Some(host)) => {
            Some(below().dim(format!("read at {host}, block {}", keys.block)))
        }
        (_, None) => None,
    }
}

/// Everything about the verdict: whole keys, who said what, and what it proves.
pub fn details(facts: &Facts) -> Vec<Line> {
    let mut lines = vec![title("The key that values are encrypted to"), Line::new()];
    let Some((about, answer)) = facts
        .app
        .as_ref()
        .and_then(|about| Some((about, about.env_key.get()?)))
    else {
        return lines;
    };
    let mut row = |label: &str, value: String| {
        lines.push(Line::new().dim(label));
        lines.push(Line::from(format!("   {value}")));
    };
    row("key, as the service gave it", answer.public_key.to_string());
    let app_id = about.app.id.to_string();
    row("for the app", format!("0x{app_id}"));
    if answer.signature.is_some() {
        row(
            "signed by",
            recover(&claim(&app_id, answer), 0)
                .map_or_else(|why| why.to_string(), |signer| signer.to_string()),
        );
    }
    if let Some(template) = about.template() {
        if let Some(signer) = &template.kms.signer {
            row("signer that the service names", signer.to_string());
        }
        if let (Some(contract), Some(id)) = (&template.kms.kms_contract, template.kms.chain_id) {
            row(
                "contract of the KMS",
                format!("{contract} on {}", numbered(id)),
            );
        }
    }
    if let Some(keys) = about.kms_keys.get() {
        row(
            "signer that the contract names",
            Signer::from_bytes(keys.signer).to_string(),
        );
    }
    lines.push(Line::new());
    lines.extend(judged(about, answer));
    lines.extend(reading(facts, about, answer));
    lines.push(Line::new());
    lines.push(Line::from(match verdict(about, answer) {
        KeyVerdict::VerifiedOnChain(_) => {
            "Proves that the holder of the key in this contract named that key for this app. Does not prove that the \
             KMS itself is sound, that this is the contract it should be (the service named its address), or that the \
             node that was asked tells the truth."
        }
        KeyVerdict::SignedBySameService(_) => {
            "Shows that the service does not contradict itself: key, signature and signer all came from it. Reading \
             the signer from the contract would prove more."
        }
        KeyVerdict::NotVerifiable => {
            "Nothing independent vouches for the key: whoever can change the service's answers can read the values."
        }
        KeyVerdict::Wrong(_) => {
            "The key is not for this app, not from this KMS, or was changed on the way. Values encrypted to it could \
             be read by somebody else, so none are. Ask the service what happened before anything else."
        }
    }));
    lines
}

/// The host that reads the contract of the app's KMS.
fn host(facts: &Facts) -> Option<Shown> {
    let session = facts.session.as_ref()?;
    let (_, host) = facts.app.as_ref()?.kms_question(&session.elsewhere)?;
    Some(host)
}

/// Whether reading the contract would tell something new.
pub fn can_be_proven(facts: &Facts) -> bool {
    let Some(about) = &facts.app else {
        return false;
    };
    let signed = about
        .env_key
        .get()
        .is_some_and(|answer| answer.signature.is_some());
    let open = matches!(about.kms_keys, Load::Unasked | Load::Failed(_));
    signed && open && host(facts).is_some()
}

/// Whether there is a key to say more about.
pub fn has_details(facts: &Facts) -> bool {
    let about = facts.app.as_ref();
    about.is_some_and(|about| about.env_key.get().is_some())
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
    use crate::api::error::{Error, ErrorKind, Unreachable};
    use crate::api::types::{Allowlist, AppId, CvmUuid, Instance, KmsInfo};
    use crate::chain::kms::KmsKeys;
    use crate::wizard::elsewhere::Place;
    use crate::wizard::event::Request;
    use crate::wizard::facts::Session;

    #[test]
    fn a_good_key_is_short_and_honestly_labelled() {
        let text = words_of(&lines(&with_key(facts(&[]), KEY, None)));
        assert!(text.contains("0xde9edb7d..2b4f"), "{text}");
        assert!(text.contains("not verifiable: a central KMS"), "{text}");
    }

    /// An app whose key came with a signature that official clients accept, and who signed it.
    fn signed() -> (Facts, String) {
        let file = include_str!("../../../../tests/vectors/env_pubkey_signature.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let vector = &file["vectors"][0];
        let text = |name: &str| vector[name].as_str().unwrap();
        let mut facts = with_key(facts(&[]), text("public_key"), Some(text("signature")));
        let about = facts.app.as_mut().unwrap();
        about.app.id = AppId::parse(text("app_id")).unwrap();
        about.instances = Load::Here(vec![Instance {
            uuid: CvmUuid::parse(&"12".repeat(16)),
            kms: KmsInfo {
                chain_id: Some(8453),
                kms_contract: Some(Shown::line(&format!("0x{}", "2f".repeat(20)))),
                ..KmsInfo::default()
            },
            ..Instance::default()
        }]);
        facts.session = Some(Session::default());
        (facts, text("expected_kms_public_key").to_owned())
    }

    /// The same after the contract named this signer.
    fn read(mut facts: Facts, signer: &str) -> Facts {
        let signer = hex::decode(signer.trim_start_matches("0x")).unwrap();
        facts.app.as_mut().unwrap().kms_keys = Load::Here(KmsKeys {
            signer: signer.try_into().unwrap(),
            ca: Vec::new(),
            block: 51_375_546,
        });
        facts
    }

    fn names(mut facts: Facts, signer: &str) -> Facts {
        let about = facts.app.as_mut().unwrap();
        let Load::Here(instances) = &mut about.instances else {
            panic!("instances are here");
        };
        instances[0].kms.signer = Some(Shown::line(signer));
        facts
    }

    /// A compressed key of somebody else.
    const OTHER: &str = "0x02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn the_four_verdicts_are_four_texts_and_only_wrong_stops() {
        let (facts, signer) = signed();
        let cases = [
            (
                read(signed().0, &signer),
                "ok verified on chain",
                "Proves that the holder of the key in this contract",
                false,
            ),
            (
                names(signed().0, &signer),
                "which the same service names: consistent, not proven",
                "Shows that the service does not contradict itself",
                false,
            ),
            (
                facts,
                "not compared with the contract of the KMS",
                "Nothing independent vouches for the key",
                false,
            ),
            (
                read(signed().0, OTHER),
                "X WRONG: signed by",
                "Values encrypted to it could be read by somebody else",
                true,
            ),
            (
                names(signed().0, OTHER),
                "nothing is encrypted to it",
                "The key is not for this app",
                true,
            ),
        ];
        for (facts, short, long, stops) in cases {
            let text = words_of(&lines(&facts));
            assert!(text.contains(short), "{short} is missing in\n{text}");
            let text = words_of(&details(&facts));
            assert!(text.contains(long), "{long} is missing in\n{text}");
            assert_eq!(problem(&facts).is_some(), stops, "{text}");
            assert_eq!(
                remark(&facts).is_none(),
                short.contains("verified"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_contract_says_counts_before_what_the_service_says() {
        let (facts, signer) = signed();
        assert_eq!(problem(&names(read(facts, &signer), OTHER)), None);
        let (facts, signer) = signed();
        assert!(problem(&names(read(facts, OTHER), &signer)).is_some());
    }

    #[test]
    fn the_contract_is_read_where_the_screen_said_it_would_be() {
        let (mut facts, _) = signed();
        let text = words_of(&lines(&facts));
        assert!(
            text.contains("p reads the contract at mainnet.base.org"),
            "{text}"
        );
        assert!(can_be_proven(&facts));
        let Some(Request::KmsKeys {
            chain: 8453,
            at: Place::Public(0),
            ..
        }) = facts.ask_kms()
        else {
            panic!("the public place is asked");
        };
        let text = words_of(&lines(&facts));
        assert!(
            text.contains("reading the contract at mainnet.base.org"),
            "{text}"
        );
        assert!(!can_be_proven(&facts), "it is under way");
    }

    #[test]
    fn a_damaged_signature_stops() {
        let (mut facts, _) = signed();
        let about = facts.app.as_mut().unwrap();
        let Load::Here(answer) = &mut about.env_key else {
            panic!("the key is here");
        };
        let short = answer.signature.as_ref().unwrap().as_str()[2..].to_owned();
        answer.signature = Some(Shown::line(&short));
        let why = problem(&facts).unwrap();
        assert!(why.contains("130 hex digits wanted, 128 found"), "{why}");
        assert!(words_of(&lines(&facts)).contains("128 found"));
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

    #[test]
    fn consistent_does_not_look_like_proven() {
        let (facts, signer) = signed();
        let text = words_of(&lines(&names(facts, &signer)));
        assert!(text.contains("! signed by"), "{text}");
        assert!(!text.contains("ok "), "{text}");
    }

    #[test]
    fn a_key_without_signature_is_another_matter_where_a_contract_governs() {
        let central = with_key(facts(&[]), KEY, None);
        assert_eq!(
            remark(&central),
            Some("nobody but the service vouches for the app's encryption key")
        );
        let (mut governed, _) = signed();
        let about = governed.app.as_mut().unwrap();
        about.allowlist = Load::Here(Allowlist {
            on_chain: true,
            ..Allowlist::default()
        });
        let Load::Here(answer) = &mut about.env_key else {
            panic!("the key is here");
        };
        answer.signature = None;
        assert_eq!(
            remark(&governed),
            Some("the app's encryption key was not compared with the KMS contract")
        );
        let text = words_of(&lines(&governed));
        assert!(text.contains("no signature came with it"), "{text}");
        assert!(!can_be_proven(&governed), "there is nothing to compare");
    }

    #[test]
    fn a_contract_that_cannot_be_read_says_why_and_can_be_asked_again() {
        let (mut facts, _) = signed();
        facts.app.as_mut().unwrap().kms_keys = Load::Failed(Error {
            asked: "POST mainnet.base.org".into(),
            tries: 4,
            kind: ErrorKind::Unreachable(Unreachable::Connect, Shown::default()),
        });
        let text = words_of(&lines(&facts));
        assert!(
            text.contains("the contract could not be read: no connection"),
            "{text}"
        );
        assert!(text.contains("p asks mainnet.base.org again"), "{text}");
        assert!(can_be_proven(&facts));
    }
}

//! `check env-key`: who signed an app's encryption key.

use serde_json::json;

use super::Report;
use crate::trust::env_key_signature::{Anchor, Claim, KeyVerdict, Signer, judge, recover};

/// Judges a claim: it has to be signed by `signer`, at `now` (Unix seconds).
pub fn report(claim: &Claim, signer: Signer, now: u64) -> Report {
    let recovered = recover(claim, now).ok().map(|signer| signer.to_string());
    let reason = match judge(claim, Anchor::Contract(signer), now) {
        KeyVerdict::VerifiedOnChain(_) => None,
        KeyVerdict::Wrong(why) => Some(why.to_string()),
        other => Some(other.to_string()),
    };
    Report {
        lines: vec![match &reason {
            None => format!("accept: signed by {signer}"),
            Some(reason) => format!("wrong: {reason}"),
        }],
        is_good: reason.is_none(),
        json: json!({
            "verdict": if reason.is_none() { "accept" } else { "wrong" },
            "recovered": recovered,
            "reason": reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_vector_is_accepted_or_wrong_as_the_official_clients_say() {
        let file = include_str!("../../tests/vectors/env_pubkey_signature.json");
        let file: Value = serde_json::from_str(file).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        let mut accepted = 0;
        for vector in vectors {
            let text = |name: &str| vector[name].as_str();
            let claim = Claim {
                app_id: text("app_id").unwrap(),
                public_key: text("public_key").unwrap(),
                signature: text("signature"),
                timestamp: vector["timestamp"].as_u64(),
            };
            let signer = text("expected_kms_public_key").unwrap();
            let now = vector["now"].as_u64().unwrap();
            let report = report(&claim, Signer::parse(signer).unwrap(), now);
            let expected = match text("verdict").unwrap() {
                "accept" => "accept",
                _ => "wrong",
            };
            assert_eq!(report.json["verdict"], expected, "{}", vector["id"]);
            assert_eq!(report.is_good, expected == "accept");
            accepted += usize::from(report.is_good);
        }
        assert!(accepted > 0 && accepted < vectors.len());
    }
}

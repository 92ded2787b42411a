//! The two answers of a login with a code (10.1). Nothing of either is kept but what the login needs.

use serde_json::Value;

use super::look::Look;
use super::{Unreadable, missing, object};
use crate::api::types::{Approval, DeviceCode};
use crate::secret::Secret;
use crate::shown::Shown;

/// As RFC 8628 has it where the service says nothing.
const INTERVAL: u64 = 5;

/// As the official service has it.
const EXPIRES_IN: u64 = 600;

/// No service lets anybody wait longer than this, so whoever says so is not believed.
const LONGEST: u64 = 24 * 60 * 60;

/// `POST /auth/device/code`.
pub fn device_code(value: &Value) -> Result<DeviceCode, Unreadable> {
    let top = object(value)?;
    Ok(DeviceCode {
        code: secret(top.at("device_code")).ok_or_else(|| missing("device_code"))?,
        user_code: line(top.at("user_code")).ok_or_else(|| missing("user_code"))?,
        page: page(top.at("verification_uri")).ok_or_else(|| missing("verification_uri"))?,
        page_with_code: page(top.at("verification_uri_complete")),
        expires_in: top
            .at("expires_in")
            .whole()
            .unwrap_or(EXPIRES_IN)
            .min(LONGEST),
        interval: top.at("interval").whole().unwrap_or(INTERVAL).clamp(1, 300),
    })
}

/// `POST /auth/device/token`, accepted.
pub fn device_token(value: &Value) -> Result<Approval, Unreadable> {
    let token = secret(object(value)?.at("access_token"));
    token
        .map(Approval::Token)
        .ok_or_else(|| missing("access_token"))
}

/// The same, refused: the reason is looked for where the service has it, and where the RFC has it. `None` is a refusal
/// that says nothing of the login.
pub fn device_refusal(body: &[u8]) -> Option<Approval> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let top = Look::new(&value);
    let detail = top.at("detail");
    let reason = if detail.is_object() { detail } else { top };
    if reason.at("error_code").text().is_some() {
        return None;
    }
    let word = reason.at("error").text()?;
    Some(match &*word {
        "authorization_pending" => Approval::Pending,
        "slow_down" => Approval::SlowDown,
        "access_denied" => Approval::Denied,
        "expired_token" => Approval::Expired,
        word => Approval::Ended(
            line(reason.at("error_description")).unwrap_or_else(|| Shown::line(word)),
        ),
    })
}

fn secret(look: Look) -> Option<Secret> {
    let text = look.text()?;
    let is_key = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_key.then(|| Secret::new(text))
}

fn line(look: Look) -> Option<Shown> {
    look.line().filter(|line| !line.is_empty())
}

/// An address of the web, and nothing else: it is opened.
fn page(look: Look) -> Option<Shown> {
    look.link().filter(|link| {
        let text = link.as_str();
        text.starts_with("https://") || text.starts_with("http://")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_is_read_and_never_printed() {
        let answer = json!({
            "device_code": "canary-code", "user_code": "WXKD-4471",
            "verification_uri": "https://cloud.example/device",
            "verification_uri_complete": "javascript:alert(1)",
            "expires_in": "900", "later": 1
        });
        let code = device_code(&answer).unwrap();
        assert_eq!(code.code, Secret::new("canary-code"));
        assert_eq!(code.page.as_str(), "https://cloud.example/device");
        assert_eq!(code.page_with_code, None, "not an address of the web");
        assert_eq!((code.expires_in, code.interval), (900, 5));
        assert!(!format!("{code:?}").contains("canary"));
    }

    #[test]
    fn a_code_without_what_makes_it_useful_is_none() {
        let whole = json!({"device_code": "c", "user_code": "U", "verification_uri": "https://p"});
        assert!(device_code(&whole).is_ok());
        for name in ["device_code", "user_code", "verification_uri"] {
            let mut without = whole.clone();
            without[name] = Value::Null;
            assert!(device_code(&without).is_err(), "{name}");
        }
        let slow = json!({"device_code": "c", "user_code": "U", "verification_uri": "https://p",
            "interval": 0, "expires_in": 1u64 << 40});
        let slow = device_code(&slow).unwrap();
        assert_eq!((slow.interval, slow.expires_in), (1, LONGEST));
    }

    #[test]
    fn a_refusal_says_how_the_login_stands_in_either_shape() {
        let told = |value: Value| device_refusal(value.to_string().as_bytes());
        for (word, expected) in [
            ("authorization_pending", Approval::Pending),
            ("slow_down", Approval::SlowDown),
            ("access_denied", Approval::Denied),
            ("expired_token", Approval::Expired),
            ("invalid_grant", Approval::Ended("invalid_grant".into())),
        ] {
            assert_eq!(
                told(json!({"detail": {"error": word}})),
                Some(expected.clone())
            );
            assert_eq!(told(json!({"error": word})), Some(expected));
        }
        let described = json!({"detail": {"error": "x", "error_description": "No\u{1b}pe"}});
        let Some(Approval::Ended(words)) = told(described) else {
            panic!("it ended");
        };
        assert!(!words.as_str().contains('\u{1b}'));
        assert_eq!(
            told(json!({"detail": {"error_code": "ERR-00-001", "error": "slow_down"}})),
            None
        );
        assert_eq!(told(json!({"detail": "no"})), None);
        assert_eq!(device_refusal(b"<html>"), None);
    }

    #[test]
    fn a_token_has_to_be_one() {
        let token = device_token(&json!({"access_token": "phak_1", "token_type": "bearer"}));
        assert_eq!(token, Ok(Approval::Token(Secret::new("phak_1"))));
        for bad in [
            json!({}),
            json!({"access_token": ""}),
            json!({"access_token": "a\nb"}),
        ] {
            assert!(device_token(&bad).is_err(), "{bad}");
        }
    }
}

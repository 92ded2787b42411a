//! Signing in with a code that is approved in a browser (10.1). No key is sent: there is none yet.

use serde_json::json;

use super::Client;
use crate::api::decode;
use crate::api::error::Error;
use crate::api::types::{Approval, DeviceCode};
use crate::secret::Secret;

/// As the official CLI introduces itself; the service knows no other client of this kind.
const CLIENT: &str = "phala-cli";
/// What is asked for: whose key it is, instances, nodes.
const SCOPE: &str = "user:profile cvms:* nodes:*";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl Client {
    /// `POST /auth/device/code`. Sent once.
    pub async fn device_code(&self) -> Result<DeviceCode, Error> {
        let body = json!({ "client_id": CLIENT, "scope": SCOPE });
        let question = self.post(["auth", "device", "code"], body.to_string());
        let answer = self.0.ask_once(&question).await?;
        self.0.accept(
            &question,
            answer,
            |bytes| decode::device_code(&decode::json(bytes)?),
            &[],
        )
    }

    /// `POST /auth/device/token`. Sent once; when to ask again is the caller's business.
    pub async fn device_token(&self, code: &Secret) -> Result<Approval, Error> {
        let body = TokenBody {
            device_code: code.expose(),
            grant_type: GRANT,
        };
        // A struct of texts always has a JSON form.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let question = self.post(["auth", "device", "token"], body);
        let answer = self.0.ask_once(&question).await?;
        let is_refusal = (400..500).contains(&answer.status);
        if let Some(approval) = is_refusal
            .then(|| decode::device_refusal(&answer.body))
            .flatten()
        {
            return Ok(approval);
        }
        self.0.accept(
            &question,
            answer,
            |bytes| decode::device_token(&decode::json(bytes)?),
            &[code],
        )
    }
}

#[derive(serde::Serialize)]
struct TokenBody<'a> {
    device_code: &'a str,
    grant_type: &'static str,
}

//! Signing in with a code typed into a browser (section 10.1 of the API reference), where no browser is needed.
//!
//! Whoever opens the address shown approves the login; if nobody does, it approves itself after a while, or is
//! denied, as the scenario says. The page is the sandbox's own: where the real one lives is not its business.

use serde::Deserialize;
use serde_json::json;

use super::{
    message::{Reply, Request},
    moment::Moment,
    refusal::Refusal,
    world::{Answer, World},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a token is said to live: 90 days.
const TOKEN_SECONDS: u64 = 7_776_000;
/// A client whose timer wakes it a little early is forgiven.
const GRACE: f64 = 0.5;
/// What `slow_down` adds to the interval.
const SLOWER: f64 = 5.0;

/// A login under way, or done.
pub(super) struct Login {
    device_code: String,
    user_code: String,
    begun_at: Moment,
    /// Seconds a client has to leave between two polls; grows when it does not.
    interval: f64,
    polled_at: Option<Moment>,
    is_approved: bool,
    /// The token was handed out: a code works once.
    is_spent: bool,
}

/// Body of `POST /auth/device/code`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeWish {
    #[expect(dead_code, reason = "any client may sign in here")]
    client_id: Option<String>,
    #[expect(dead_code, reason = "a token here may do everything")]
    scope: Option<String>,
}

/// Body of `POST /auth/device/token`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenWish {
    device_code: Option<String>,
    grant_type: Option<String>,
    #[expect(dead_code, reason = "RFC 8628 clients send it")]
    client_id: Option<String>,
}

impl World {
    pub(super) fn device_code(&mut self, request: &Request) -> Answer {
        let CodeWish { .. } = request.json()?;
        let rules = &self.scenario.device_login;
        let number = self.logins.len();
        let device_code = self.mint.hex(&format!("device code {number}"), 20);
        let letters = self.mint.bytes(&format!("user code {number}"));
        let user_code = user_code(&letters);
        let page = format!("{}/auth/device", self.options.base_url);
        let answer = json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": rules.expires_in,
            "interval": rules.interval,
        });
        self.logins.push(Login {
            device_code,
            user_code,
            begun_at: self.now,
            interval: f64::from(rules.interval),
            polled_at: None,
            is_approved: false,
            is_spent: false,
        });
        Ok(Reply::json(200, &answer))
    }

    /// The refusals are those of RFC 8628, in the one shape in which the official client finds them.
    pub(super) fn device_token(&mut self, request: &Request) -> Answer {
        let TokenWish {
            device_code,
            grant_type,
            ..
        } = request.json()?;
        let code = device_code.ok_or_else(|| Refusal::missing("device_code"))?;
        if grant_type.is_some_and(|grant| grant != GRANT) {
            return Err(Refusal::oauth(
                "unsupported_grant_type",
                "Not a device grant",
            ));
        }
        let rules = &self.scenario.device_login;
        let now = self.now;
        let Some(place) = self.logins.iter().position(|l| l.device_code == code) else {
            return Err(Refusal::oauth("invalid_grant", "Unknown device code"));
        };
        let login = &mut self.logins[place];
        let age = now.since(login.begun_at);
        if age >= f64::from(rules.expires_in) || login.is_spent {
            return Err(Refusal::oauth("expired_token", "The code has expired"));
        }
        let too_soon = login
            .polled_at
            .is_some_and(|last| now.since(last) < login.interval - GRACE);
        login.polled_at = Some(now);
        if too_soon {
            login.interval += SLOWER;
            return Err(Refusal::oauth("slow_down", "Asked too soon"));
        }
        let is_settled = age >= rules.settles_after;
        if is_settled && rules.denied && !login.is_approved {
            return Err(Refusal::oauth("access_denied", "The login was denied"));
        }
        if !is_settled && !login.is_approved {
            return Err(Refusal::oauth("authorization_pending", "Not approved yet"));
        }
        login.is_spent = true;
        let token = format!("phak_{}", self.mint.hex(&format!("login {place}"), 24));
        self.issued_keys.push(token.clone());
        let answer = json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
        });
        Ok(Reply::json(200, &answer))
    }

    /// The page behind the code: looking at it is approval.
    pub(super) fn approve_device(&mut self, request: &Request) -> Answer {
        let wanted = request.parameter("user_code").unwrap_or_default();
        let login = self
            .logins
            .iter_mut()
            .find(|login| login.user_code.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| Refusal::plain(404, "No login waits for this code"))?;
        login.is_approved = true;
        Ok(Reply::text(
            "Signed in to the sandbox. You can close this page and go back to the terminal.\n",
        ))
    }

    /// A commit of an instance, where the scenario takes the token for a key as it does for updates.
    pub(super) fn may_commit_without_key(&self, request: &Request) -> bool {
        !self.scenario.rules.instance_commit_needs_key && request.has_member("token")
    }

    /// Whether a request comes with the key of this world, or with a token from a login.
    pub(super) fn is_signed_in(&self, request: &Request) -> bool {
        request.header("x-api-key").is_some_and(|key| {
            key == self.options.api_key || self.issued_keys.iter().any(|issued| issued == key)
        })
    }
}

/// Eight letters as in `BDFK-PRTW`, none of which is easily taken for another.
fn user_code(random: &[u8; 32]) -> String {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    let letter = |place: usize| char::from(LETTERS[usize::from(random[place]) % LETTERS.len()]);
    let half = |from: usize| (from..from + 4).map(letter).collect::<String>();
    format!("{}-{}", half(0), half(4))
}

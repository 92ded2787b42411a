//! Signing in with a code, as section 10.1 of the API reference has it.

use super::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl Visitor {
    /// Sends a request without the key.
    fn stranger(&mut self, line: &str, body: &Value) -> (u16, Value) {
        self.keyed("", line, body)
    }

    fn keyed(&mut self, key: &str, line: &str, body: &Value) -> (u16, Value) {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            headers: vec![("x-api-key".to_owned(), key.to_owned())],
            body: body.to_string().into_bytes(),
        };
        parsed(&self.world.answer(self.now, &request))
    }

    fn code(&mut self) -> Value {
        let wish = json!({ "client_id": "phala-cli", "scope": "user:profile cvms:* nodes:*" });
        let (status, code) = self.stranger("POST /auth/device/code", &wish);
        assert_eq!(status, 200);
        code
    }

    fn poll(&mut self, code: &Value) -> (u16, Value) {
        let body = json!({ "device_code": code["device_code"], "grant_type": GRANT });
        self.stranger("POST /auth/device/token", &body)
    }
}

/// The word by which a poll is refused, in the one place where the official client looks for it.
fn word((status, body): &(u16, Value)) -> (u16, &str) {
    (*status, body["detail"]["error"].as_str().unwrap_or("-"))
}

#[test]
fn a_login_settles_by_itself_and_its_token_opens_the_door() {
    let mut visitor = Visitor::to("on-chain");
    let code = visitor.code();
    has(
        &code,
        "device_code user_code verification_uri verification_uri_complete expires_in interval",
    );
    visitor.wait(5.0);
    assert_eq!(word(&visitor.poll(&code)), (400, "authorization_pending"));
    visitor.wait(25.0);
    let (status, token) = visitor.poll(&code);
    assert_eq!((status, &token["token_type"]), (200, &json!("bearer")));
    let key = token["access_token"].as_str().unwrap();
    assert_eq!(visitor.keyed(key, "GET /auth/me", &json!({})).0, 200);
    assert_eq!(visitor.keyed("", "GET /auth/me", &json!({})).0, 401);
    visitor.wait(5.0);
    assert_eq!(word(&visitor.poll(&code)), (400, "expired_token"), "once");
}

#[test]
fn whoever_polls_too_fast_has_to_slow_down_for_good() {
    let mut visitor = Visitor::changed("[device_login]\nsettles_after = inf");
    let code = visitor.code();
    visitor.wait(5.0);
    assert_eq!(word(&visitor.poll(&code)).1, "authorization_pending");
    visitor.wait(4.0);
    assert_eq!(word(&visitor.poll(&code)).1, "slow_down");
    visitor.wait(6.0);
    assert_eq!(word(&visitor.poll(&code)).1, "slow_down", "ten seconds now");
    visitor.wait(15.0);
    assert_eq!(word(&visitor.poll(&code)).1, "authorization_pending");
}

#[test]
fn looking_at_the_page_is_approval() {
    let mut visitor = Visitor::changed("[device_login]\nsettles_after = inf");
    let code = visitor.code();
    let page = code["verification_uri_complete"].as_str().unwrap();
    let target = page.strip_prefix("http://127.0.0.1:1/api/v1").unwrap();
    assert_eq!(
        visitor
            .stranger("GET /auth/device?user_code=NOBO-DYYY", &json!({}))
            .0,
        404
    );
    assert_eq!(
        visitor.stranger(&format!("GET {target}"), &json!({})).0,
        200
    );
    visitor.wait(5.0);
    assert_eq!(visitor.poll(&code).0, 200);
}

#[test]
fn a_login_may_be_denied_or_expire_or_make_no_sense() {
    let mut denied = Visitor::changed("[device_login]\ndenied = true");
    let code = denied.code();
    denied.wait(30.0);
    assert_eq!(word(&denied.poll(&code)), (400, "access_denied"));
    let mut late = Visitor::to("on-chain");
    let code = late.code();
    late.wait(900.0);
    assert_eq!(word(&late.poll(&code)), (400, "expired_token"));
    let unknown = json!({ "device_code": "nothing" });
    assert_eq!(word(&late.poll(&unknown)), (400, "invalid_grant"));
    let grant = json!({ "device_code": code["device_code"], "grant_type": "password" });
    let answer = late.stranger("POST /auth/device/token", &grant);
    assert_eq!(word(&answer), (400, "unsupported_grant_type"));
    assert_eq!(late.stranger("POST /auth/device/token", &json!({})).0, 422);
}

#[test]
fn two_logins_get_two_tokens() {
    let mut visitor = Visitor::to("on-chain");
    let (first, second) = (visitor.code(), visitor.code());
    assert_ne!(first["user_code"], second["user_code"]);
    visitor.wait(30.0);
    let token = |visitor: &mut Visitor, code| visitor.poll(code).1["access_token"].clone();
    assert_ne!(token(&mut visitor, &first), token(&mut visitor, &second));
}

//! Faults as data: which call goes wrong, and how.
//!
//! Deterministic: a fault counts the calls that match it, and chance follows from the seed. What it does to an answer
//! stands in `damage`; how each is written is shown in `assets/sandbox/base.toml`.

mod damage;

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use self::damage::{Mangle, bomb, emptied, mangled, tainted};
use super::{
    message::{Delivery, Reply, Request, StreamFault},
    mint::Mint,
};

/// One `[[faults]]` entry of a scenario.
///
/// `status`, `body` and `reset` replace the answer; the request then takes effect only if `applied` says so.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each one is a switch in a file"
)]
pub(super) struct Fault {
    /// Method and path, such as `POST /apps/*/instances`. `*` is any one part, `**` at the end is the rest.
    request: String,
    /// Only requests whose JSON body has this member, not null.
    with_member: Option<String>,
    /// Only requests with this header, in lower case.
    with_header: Option<String>,
    /// Only calls of the pretend chain with this method, alone or in a batch.
    rpc_method: Option<String>,
    /// Which of the matching calls, from 1; all of them if absent.
    calls: Option<Vec<u64>>,
    /// Share of the matching calls, 0 to 1.
    chance: Option<f64>,
    /// Sandbox seconds before the answer.
    #[serde(default)]
    delay: f64,
    /// The connection breaks before the first byte.
    #[serde(default)]
    reset: bool,
    /// The connection breaks half-way through the body.
    #[serde(default)]
    cut: bool,
    /// The body comes again and again and never ends.
    #[serde(default)]
    endless: bool,
    /// Sandbox seconds before each byte of the body.
    drip: Option<f64>,
    /// What happens to a stream; other answers are left alone.
    stream: Option<StreamFault>,
    /// Turns the answer into JSON that is not what was agreed.
    json: Option<Mangle>,
    /// Members whose text gets control bytes, `*` for every text; answers that are no JSON get them in every line.
    #[serde(default)]
    taint: Vec<String>,
    /// Members that are null, wherever they stand; a pair of `field` and `value` has its field's name.
    #[serde(default)]
    null: Vec<String>,
    /// Members that are not there, named in the same way.
    #[serde(default)]
    absent: Vec<String>,
    /// Instead of the body: so many megabytes of blanks, packed with gzip to a thousandth.
    gzip_bomb: Option<u32>,
    status: Option<u16>,
    body: Option<String>,
    content_type: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    applied: bool,
    #[serde(skip)]
    matched: u64,
}

/// The fault that hits this request, if any. Every fault counts its calls, also when another one hits.
pub(super) fn pick(faults: &mut [Fault], request: &Request, mint: &Mint) -> Option<Fault> {
    let mut hit = None;
    for (number, fault) in faults.iter_mut().enumerate() {
        if !fault.concerns(request) {
            continue;
        }
        fault.matched += 1;
        let call = fault.matched;
        let due = fault
            .calls
            .as_ref()
            .is_none_or(|calls| calls.contains(&call))
            && fault
                .chance
                .is_none_or(|chance| mint.chance(&format!("fault {number} {call}"), chance));
        if due && hit.is_none() {
            hit = Some(fault.clone());
        }
    }
    hit
}

impl Fault {
    fn concerns(&self, request: &Request) -> bool {
        let (method, path) = self.request.split_once(' ').unwrap_or(("*", &self.request));
        (method == "*" || method == request.method)
            && path_matches(path, &request.path)
            && self
                .with_header
                .as_ref()
                .is_none_or(|name| request.header(name).is_some())
            && self
                .with_member
                .as_ref()
                .is_none_or(|name| has_member(&request.body, name))
            && self
                .rpc_method
                .as_ref()
                .is_none_or(|name| calls_method(&request.body, name))
    }

    /// Says what cannot be meant, in words for whoever writes the story.
    pub(super) fn check(&self) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("fault `{}`: {what}", self.request));
        let travels = [
            self.reset,
            self.cut,
            self.endless,
            self.drip.is_some(),
            self.stream.is_some(),
        ];
        let replaces = [
            self.body.is_some(),
            self.json.is_some()
                || [&self.taint, &self.null, &self.absent]
                    .iter()
                    .any(|members| !members.is_empty()),
            self.gzip_bomb.is_some(),
        ];
        let several = |switches: &[bool]| switches.iter().filter(|on| **on).count() > 1;
        let has_path = |(_, path): (&str, &str)| path.starts_with('/');
        if !self.request.split_once(' ').is_some_and(has_path) {
            return wrong("request must be a method and a path, such as `GET /apps/*`");
        }
        if self
            .chance
            .is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            return wrong("chance must be from 0 to 1");
        }
        if self.calls.as_ref().is_some_and(|calls| calls.contains(&0)) {
            return wrong("calls are counted from 1");
        }
        if !seconds(self.delay) || !self.drip.is_none_or(seconds) {
            return wrong("delay and drip are seconds, not negative");
        }
        if self
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return wrong("status must be from 200 to 599");
        }
        if several(&travels) {
            return wrong("only one of reset, cut, endless, drip and stream");
        }
        if several(&replaces) {
            return wrong("only one of body, gzip_bomb, and json, taint, null or absent");
        }
        Ok(())
    }

    /// Whether the request does what it asks for.
    pub(super) fn lets_through(&self) -> bool {
        self.applied || (!self.reset && self.status.is_none() && self.body.is_none())
    }

    /// Spoils the answer; `None` is the answer to a request that was not let through.
    pub(super) fn spoil(self, answer: Option<Reply>) -> Reply {
        let mut reply = answer.unwrap_or_else(|| Reply::new(200, "application/json", Vec::new()));
        if let Some(status) = self.status {
            reply.status = status;
        }
        if let Some(body) = self.body {
            reply.body = body.into_bytes();
        }
        if let Some(content_type) = self.content_type {
            reply.content_type = content_type;
        }
        if let Some(how) = self.json {
            reply.body = mangled(how, reply.body);
        }
        if !self.taint.is_empty() {
            reply.body = tainted(&self.taint, &reply.body);
        }
        if !self.null.is_empty() || !self.absent.is_empty() {
            reply.body = emptied(&self.null, &self.absent, reply.body);
        }
        if let Some(megabytes) = self.gzip_bomb {
            reply.body = bomb(megabytes);
            reply
                .headers
                .push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        reply.headers.extend(self.headers);
        reply.delay = span(self.delay);
        reply.delivery = match reply.delivery {
            // Nothing can be cut off an empty body, such as that of a stream.
            _ if self.reset || (self.cut && reply.body.is_empty()) => Delivery::Reset,
            Delivery::Stream(watch) => match self.stream {
                Some(fault) => Delivery::SpoiltStream(watch, fault),
                None => Delivery::Stream(watch),
            },
            _ if self.cut => Delivery::Cut,
            _ if self.endless => Delivery::Endless,
            delivery => self
                .drip
                .map_or(delivery, |seconds| Delivery::Drip(span(seconds))),
        };
        reply
    }
}

fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// Whether this is a span at all; it may be endless.
fn seconds(number: f64) -> bool {
    number >= 0.0
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.trim_matches('/').split('/');
    for wanted in pattern.trim_matches('/').split('/') {
        if wanted == "**" {
            return true;
        }
        let Some(part) = parts.next() else {
            return false;
        };
        if wanted != "*" && wanted != part {
            return false;
        }
    }
    parts.next().is_none()
}

fn has_member(body: &[u8], name: &str) -> bool {
    serde_json::from_slice::<Value>(body)
        .is_ok_and(|value| value.get(name).is_some_and(|member| !member.is_null()))
}

fn calls_method(body: &[u8], name: &str) -> bool {
    let named = |call: &Value| call.get("method").is_some_and(|method| method == name);
    match serde_json::from_slice(body) {
        Ok(Value::Array(batch)) => batch.iter().any(named),
        Ok(call) => named(&call),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::message::Watch;
    use super::*;

    fn request(method: &str, path: &str, body: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    fn fault(text: &str) -> Vec<Fault> {
        vec![toml::from_str(text).unwrap()]
    }

    #[test]
    fn patterns_match_whole_paths() {
        assert!(path_matches("/apps/*/instances", "/apps/ab/instances"));
        assert!(!path_matches("/apps/*", "/apps/ab/instances"));
        assert!(!path_matches("/apps/*/instances", "/apps/ab"));
        assert!(path_matches("/cvms/**", "/cvms/ab/state"));
        assert!(path_matches("/**", "/auth/me"));
    }

    #[test]
    fn only_the_named_calls_of_the_right_kind_are_hit() {
        let mut faults = fault(
            "request = 'POST /apps/*/instances'\nwith_member = 'token'\ncalls = [2]\nstatus = 503",
        );
        let mint = Mint::new(0);
        let prepare = request("POST", "/apps/ab/instances", "{\"token\":null}");
        let commit = request("POST", "/apps/ab/instances", "{\"token\":\"t\"}");
        assert!(pick(&mut faults, &prepare, &mint).is_none());
        assert!(pick(&mut faults, &commit, &mint).is_none());
        let hit = pick(&mut faults, &commit, &mint).unwrap();
        assert!(!hit.lets_through());
        assert_eq!(hit.spoil(None).status, 503);
        assert!(pick(&mut faults, &commit, &mint).is_none());
    }

    #[test]
    fn a_lost_answer_is_applied_and_then_broken() {
        let hit = fault("request = '* /**'\nreset = true\napplied = true").remove(0);
        assert!(hit.lets_through());
        assert_eq!(
            hit.spoil(Some(Reply::text("done"))).delivery,
            Delivery::Reset
        );
    }

    #[test]
    fn half_of_nothing_is_a_broken_connection() {
        let cut = fault("request = '* /**'\ncut = true").remove(0);
        assert_eq!(
            cut.clone().spoil(Some(Reply::text("whole"))).delivery,
            Delivery::Cut
        );
        assert_eq!(cut.spoil(Some(Reply::nothing())).delivery, Delivery::Reset);
    }

    /// What becomes of an answer.
    fn spoilt(text: &str, answer: Reply) -> Reply {
        fault(&format!("request = '* /**'\n{text}"))
            .remove(0)
            .spoil(Some(answer))
    }

    fn body(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    #[test]
    fn json_may_be_anything_but_what_was_agreed() {
        let answer = || {
            let shape =
                serde_json::json!({ "name": "kv", "id": 7, "ok": true, "in": [{ "a": 1 }] });
            Reply::json(200, &shape)
        };
        for (how, becomes) in [
            ("nulls", r#"{"name":null,"id":null,"ok":null,"in":null}"#),
            (
                "types",
                r#"{"name":2,"id":"7","ok":"true","in":{"0":{"a":"1"}}}"#,
            ),
            (
                "listed",
                r#"[{"name":"kv","id":7,"ok":true,"in":[{"a":1}]}]"#,
            ),
        ] {
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let reply = spoilt(&format!("json = '{how}'"), answer());
            assert_eq!(value(body(&reply)), value(becomes), "{how}");
        }
        let torn = spoilt("json = 'torn'", answer());
        assert!(serde_json::from_slice::<Value>(&torn.body).is_err());
        assert_eq!(torn.delivery, Delivery::Whole, "its length is what it says");
    }

    #[test]
    fn control_bytes_get_into_the_named_texts_and_no_others() {
        let shape = serde_json::json!({ "name": "kv", "in": [{ "name": "a", "slug": "b" }] });
        let reply = spoilt("taint = ['name']", Reply::json(200, &shape));
        let value: Value = serde_json::from_slice(&reply.body).unwrap();
        for name in [&value["name"], &value["in"][0]["name"]] {
            assert!(name.as_str().unwrap().contains("\u{1b}[2J"), "{name}");
        }
        assert_eq!(value["in"][0]["slug"], "b");
        let log = spoilt("taint = ['message']", Reply::text("one\ntwo\n"));
        assert_eq!(
            body(&log).matches("\u{1b}]0;").count(),
            2,
            "{:?}",
            body(&log)
        );
        let lines = Reply::text("{\"message\":\"x\"}\n{\"message\":\"y\"}\n");
        let lines = spoilt("taint = ['*']", lines);
        for line in body(&lines).lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            assert!(value["message"].as_str().unwrap().contains('\u{1b}'));
        }
    }

    #[test]
    fn single_members_are_null_or_not_there() {
        let shape = serde_json::json!({
            "name": "kv",
            "in": [{ "name": "a", "slug": "b" }],
            "details": [{ "field": "slug", "value": "c" }],
        });
        for (how, becomes) in [
            (
                "null = ['slug']",
                r#"{"name":"kv","in":[{"name":"a","slug":null}],"details":[{"field":"slug","value":null}]}"#,
            ),
            (
                "absent = ['slug']",
                r#"{"name":"kv","in":[{"name":"a"}],"details":[{"field":"slug"}]}"#,
            ),
        ] {
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            let reply = spoilt(how, Reply::json(200, &shape));
            assert_eq!(value(body(&reply)), value(becomes), "{how}");
        }
    }

    #[test]
    fn a_bomb_is_small_until_it_is_unpacked() {
        use std::io::Read;
        let reply = spoilt("gzip_bomb = 32", Reply::text("small"));
        assert!(reply.body.len() < 100_000, "{}", reply.body.len());
        let encoding = ("content-encoding".to_owned(), "gzip".to_owned());
        assert!(reply.headers.contains(&encoding));
        let mut unpacked = Vec::new();
        flate2::read::MultiGzDecoder::new(reply.body.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked.len(), 32 << 20);
    }

    #[test]
    fn a_body_may_never_end_or_hardly_begin() {
        let endless = spoilt("endless = true", Reply::text("x"));
        assert_eq!(endless.delivery, Delivery::Endless);
        let drip = spoilt("drip = 0.5\ndelay = 2", Reply::text("x"));
        assert_eq!(drip.delivery, Delivery::Drip(Duration::from_millis(500)));
        assert_eq!(drip.delay, Duration::from_secs(2));
    }

    #[test]
    fn only_streams_are_spoilt_as_streams() {
        let watch = Watch::for_tests(Arc::default());
        for (word, what) in [
            ("cut", StreamFault::Cut),
            ("flood", StreamFault::Flood),
            ("silence", StreamFault::Silence),
        ] {
            let text = format!("stream = '{word}'");
            let stream = Reply::stream("text/event-stream", watch.clone());
            let spoilt_stream = Delivery::SpoiltStream(watch.clone(), what);
            assert_eq!(spoilt(&text, stream).delivery, spoilt_stream);
            assert_eq!(spoilt(&text, Reply::text("x")).delivery, Delivery::Whole);
        }
    }

    #[test]
    fn any_status_comes_with_its_headers_and_its_body() {
        for status in [401, 403, 404, 409, 422, 429, 500, 502, 503] {
            let text = format!(
                "status = {status}\nbody = '<h1>no</h1>'\ncontent_type = 'text/html'\n\
                 headers = {{ Retry-After = '3' }}"
            );
            let reply = spoilt(&text, Reply::text("x"));
            assert_eq!((reply.status, body(&reply)), (status, "<h1>no</h1>"));
            assert_eq!(reply.content_type, "text/html");
            let waits = ("Retry-After".to_owned(), "3".to_owned());
            assert!(reply.headers.contains(&waits));
        }
    }

    #[test]
    fn calls_of_the_chain_are_told_apart_by_their_method() {
        let mut faults = fault("request = 'POST /rpc/**'\nrpc_method = 'eth_call'\nreset = true");
        let mint = Mint::new(0);
        for (body, hit) in [
            (r#"{"method":"eth_call"}"#, true),
            (r#"[{"method":"eth_chainId"},{"method":"eth_call"}]"#, true),
            (r#"{"method":"eth_chainId"}"#, false),
            ("{", false),
        ] {
            for path in ["/rpc", "/rpc/1"] {
                let found = pick(&mut faults, &request("POST", path, body), &mint);
                assert_eq!(found.is_some(), hit, "{body}");
            }
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for (text, said) in [
            ("request = '/apps'", "a method and a path"),
            ("request = 'GET apps'", "a method and a path"),
            ("request = 'GET /**'\nchance = 1.5", "from 0 to 1"),
            ("request = 'GET /**'\ncalls = [0]", "from 1"),
            ("request = 'GET /**'\ndelay = -1", "not negative"),
            ("request = 'GET /**'\ndrip = nan", "not negative"),
            ("request = 'GET /**'\nstatus = 99", "from 200 to 599"),
            (
                "request = 'GET /**'\nreset = true\ncut = true",
                "only one of reset",
            ),
            (
                "request = 'GET /**'\nbody = ''\njson = 'torn'",
                "only one of body",
            ),
        ] {
            let words = fault(text).remove(0).check().unwrap_err();
            assert!(words.contains(said), "{words}");
        }
        let fine = "request = 'GET /**'\nstatus = 429\nheaders = { Retry-After = '1' }\ndelay = 1";
        assert_eq!(fault(fine).remove(0).check(), Ok(()));
    }

    #[test]
    fn chance_is_the_same_in_every_run() {
        let hits = |seed| {
            let mut faults = fault("request = 'GET /**'\nchance = 0.3\nstatus = 429");
            let get = request("GET", "/apps", "");
            let mint = Mint::new(seed);
            (0..50)
                .map(|_| pick(&mut faults, &get, &mint).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(hits(5), hits(5));
        assert_ne!(hits(5), hits(6));
        assert!(hits(5).contains(&true) && hits(5).contains(&false));
    }
}

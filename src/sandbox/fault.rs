//! Faults as data: which call goes wrong, and how.
//!
//! Deterministic: a fault counts the calls that match it, and chance follows from the seed.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::{
    message::{Delivery, Reply, Request},
    mint::Mint,
};

/// One `[[faults]]` entry of a scenario.
///
/// `status`, `body` and `reset` replace the answer; the request then takes effect only if `applied` says so.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// Method and path, such as `POST /apps/*/instances`. `*` is any one part, `**` at the end is the rest.
    request: String,
    /// Only requests whose JSON body has this member, not null.
    with_member: Option<String>,
    /// Only requests with this header, in lower case.
    with_header: Option<String>,
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
        reply.headers.extend(self.headers);
        reply.delay = Duration::try_from_secs_f64(self.delay).unwrap_or_default();
        if self.cut {
            reply.delivery = Delivery::Cut;
        }
        // Nothing can be cut off an empty body, such as that of a stream.
        if self.reset || (self.cut && reply.body.is_empty()) {
            reply.delivery = Delivery::Reset;
        }
        reply
    }
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

#[cfg(test)]
mod tests {
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

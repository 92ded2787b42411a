//! One request and one reply, as the pure side of the sandbox sees them.
//!
//! A reply says how it travels, faults included, but knows nothing of sockets.

use std::{ops::RangeInclusive, str::FromStr, sync::Arc, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    logs::LogQuery,
    refusal::{FieldProblem, Refusal},
};

/// What a client asked.
#[derive(Clone, Default)]
pub struct Request {
    /// Upper case, such as `GET`.
    pub method: String,
    /// Below `/api/v1`, or from `/rpc` or `/ingress` on, with a leading slash, percent-decoding done.
    pub path: String,
    /// In the order given, decoded.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes as they came.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The first query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// Every query parameter of this name, for lists that repeat it.
    pub(super) fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path cut at its slashes.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// A number in the query; 422 if it is none or out of range.
    pub(super) fn number<N>(
        &self,
        name: &'static str,
        default: N,
        range: &RangeInclusive<N>,
    ) -> Result<N, Refusal>
    where
        N: FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(text) = self.parameter(name) else {
            return Ok(default);
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(_) => Err(Refusal::field(FieldProblem::query(
                name,
                "out_of_range",
                &format!(
                    "Input should be between {} and {}",
                    range.start(),
                    range.end()
                ),
            ))),
            Err(_) => Err(Refusal::field(FieldProblem::query(
                name,
                "int_parsing",
                "Input should be a valid number",
            ))),
        }
    }

    /// A yes or no in the query; 422 if it is neither.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        match self.parameter(name) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Refusal::field(FieldProblem::query(
                name,
                "bool_parsing",
                "Input should be a valid boolean",
            ))),
        }
    }

    /// Whether the JSON body has this member, not null.
    pub(super) fn has_member(&self, name: &str) -> bool {
        serde_json::from_slice::<Value>(&self.body)
            .is_ok_and(|value| value.get(name).is_some_and(|member| !member.is_null()))
    }

    /// The JSON object in the body, where an empty body counts as `{}`.
    ///
    /// 422 names each member that does not fit: as every member may be absent, each is tried on its own.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let text: &[u8] = if self.body.is_empty() {
            b"{}"
        } else {
            &self.body
        };
        let value: Value = serde_json::from_slice(text).map_err(|error| {
            Refusal::field(FieldProblem::whole_body(
                "json_invalid",
                &format!("JSON decode error: {error}"),
            ))
        })?;
        let whole = match T::deserialize(&value) {
            Ok(parsed) => return Ok(parsed),
            Err(error) => FieldProblem::whole_body("model_type", &error.to_string()),
        };
        let mut problems = Vec::new();
        for (name, member) in value.as_object().into_iter().flatten() {
            let alone = Value::Object([(name.clone(), member.clone())].into_iter().collect());
            if let Err(error) = T::deserialize(alone) {
                problems.push(FieldProblem::body(name, "type_error", &error.to_string()));
            }
        }
        if problems.is_empty() {
            problems.push(whole);
        }
        Err(Refusal::fields(problems))
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// What the service answers, and how the answer travels.
#[derive(Clone)]
pub struct Reply {
    /// HTTP status; 465 to 468 are legal here.
    pub status: u16,
    /// Value of `Content-Type`; empty means no such header.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The whole body, also when only half of it will arrive.
    pub body: Vec<u8>,
    /// Sandbox time that passes before anything is sent.
    pub delay: Duration,
    /// How it travels.
    pub delivery: Delivery,
}

/// How a reply travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As it should.
    Whole,
    /// The connection breaks half-way through the body.
    Cut,
    /// The connection breaks before the first byte. Whether the request took effect is the world's secret.
    Reset,
    /// Piece by piece, as long as the world has something to say: events about an instance, or its log.
    Stream(Watch),
    /// The same, but something happens to it.
    SpoiltStream(Watch, StreamFault),
    /// The body again and again, until the client hangs up.
    Endless,
    /// Byte by byte, with so much sandbox time before each.
    Drip(Duration),
}

/// What happens to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamFault {
    /// It breaks in the middle of its second message.
    Cut,
    /// Message after message without a pause, and never the end.
    Flood,
    /// After its first message nothing comes any more, not even a comment.
    Silence,
}

/// One open stream about an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The instance, by `vm_uuid`.
    pub vm_uuid: String,
    /// Sandbox time between two looks.
    pub interval: Duration,
    pub(super) subject: Subject,
    /// Counts as an open stream until it is dropped.
    pub(super) lease: Arc<()>,
}

/// What a stream tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Server-sent events until this status word is reached, or until the service gives up.
    State { target: String, timeout: Duration },
    /// What a log gains; the number tells one reader from another.
    Log { reader: u64, query: LogQuery },
}

#[cfg(test)]
impl Watch {
    /// Some stream; nobody looks into it.
    pub(super) fn for_tests(lease: Arc<()>) -> Self {
        Self {
            vm_uuid: String::new(),
            interval: Duration::ZERO,
            subject: Subject::State {
                target: String::new(),
                timeout: Duration::ZERO,
            },
            lease,
        }
    }
}

impl Reply {
    /// JSON with a status.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string().into_bytes())
    }

    /// Plain text, as the text endpoints send it.
    ///
    /// An empty one is a JSON string: an official client takes an empty body for no answer at all.
    pub(super) fn text(body: &str) -> Self {
        if body.is_empty() {
            return Self::json(200, &Value::String(String::new()));
        }
        Self::new(200, "text/plain; charset=utf-8", body.as_bytes().to_vec())
    }

    /// 204.
    pub(super) fn nothing() -> Self {
        Self::new(204, "", Vec::new())
    }

    /// A stream of events or lines.
    pub(super) fn stream(content_type: &str, watch: Watch) -> Self {
        let mut reply = Self::new(200, content_type, Vec::new());
        reply.delivery = Delivery::Stream(watch);
        reply
    }

    pub(super) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            headers: Vec::new(),
            body,
            delay: Duration::ZERO,
            delivery: Delivery::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its refusals matter")]
    struct Body {
        node_id: Option<u64>,
        name: Option<String>,
    }

    fn refused(body: &str) -> Value {
        let request = Request {
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        let reply = request.json::<Body>().unwrap_err().into_reply();
        assert_eq!(reply.status, 422);
        serde_json::from_slice(&reply.body).unwrap()
    }

    #[test]
    fn every_member_that_does_not_fit_is_named() {
        let body = refused(r#"{"node_id":"x","name":"ok","nodeid":1}"#);
        let mut places: Vec<&str> = body["detail"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| problem["loc"][1].as_str().unwrap())
            .collect();
        places.sort_unstable();
        assert_eq!(places, ["node_id", "nodeid"]);
    }

    #[test]
    fn a_body_that_is_not_json_or_no_object_is_refused_as_a_whole() {
        assert_eq!(
            refused("{")["detail"][0]["loc"],
            serde_json::json!(["body"])
        );
        assert_eq!(
            refused("[1]")["detail"][0]["loc"],
            serde_json::json!(["body"])
        );
    }

    #[test]
    fn a_number_in_the_query_keeps_its_range() {
        let request = Request {
            query: vec![("page".to_owned(), "0".to_owned())],
            ..Request::default()
        };
        assert!(request.number("page", 1, &(1..=9)).is_err());
        assert_eq!(request.number("page_size", 20, &(1..=100)).ok(), Some(20));
    }
}

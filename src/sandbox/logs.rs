//! Logs as a node serves them (section 9.6 of the API reference): serial console, VM manager, containers.
//!
//! No key opens them: a token in the address does. Which lines there are is known by the file `lines`; this one
//! reads the question, cuts the answer to it, and keeps on telling whoever follows.

mod flood;
mod lines;
mod pulling;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

pub(super) use self::flood::Flood;
use self::lines::Line;
use super::{
    cvm::Cvm,
    message::{Reply, Request, Subject, Watch},
    moment::Moment,
    refusal::Refusal,
    world::{Answer, World},
};

/// Sandbox time between two looks of somebody who follows.
const LOOK: Duration = Duration::from_secs(1);
/// The same where there is very much to read.
const CLOSE_LOOK: Duration = Duration::from_millis(100);

/// What somebody wants of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LogQuery {
    source: Source,
    since: Option<Moment>,
    until: Option<Moment>,
    /// The last so many of the lines there are; what follows is not cut.
    tail: Option<usize>,
    has_timestamps: bool,
    form: Form,
}

/// Whose log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// The guest's console.
    Serial,
    /// The process around the guest.
    Stdout,
    Stderr,
    /// Name of a service in the compose file.
    Container(String),
}

/// How lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// Nothing but text.
    Bare,
    /// A JSON object per line, with the message as it is.
    Text,
    /// A JSON object per line, with the message in Base64.
    ///
    /// That this is what comes without `text` and `bare` follows from what the official CLI decodes: inference.
    Encoded,
}

/// Somebody who follows a log: what he was told, as long as he listens.
pub(super) struct Reader {
    number: u64,
    told_until: Moment,
    lease: Arc<()>,
}

impl World {
    /// `nodelog/{vm_uuid}` and `nodelog/{vm_uuid}/{container}`.
    pub(super) fn log(
        &mut self,
        vm_uuid: &str,
        container: Option<&str>,
        request: &Request,
    ) -> Answer {
        let cvm = self.cvm(vm_uuid)?;
        if request.parameter("token") != Some(&self.log_token(cvm)) {
            return Err(Refusal::plain(403, "Invalid log token"));
        }
        let source = match (container, request.parameter("ch")) {
            (Some(name), _) => self.readable_container(cvm, name)?,
            (None, None | Some("serial")) => Source::Serial,
            (None, Some("stdout")) => Source::Stdout,
            (None, Some("stderr")) => Source::Stderr,
            (None, Some(_)) => return Err(Refusal::plain(400, "Unknown log channel")),
        };
        let query = LogQuery::read(source, request, self.now)?;
        let content_type = match query.form {
            Form::Bare => "text/plain; charset=utf-8",
            Form::Text | Form::Encoded => "application/x-ndjson",
        };
        if request.parameter("follow").is_none() {
            let text = query.text(&self.there_is(cvm, &query));
            return Ok(Reply::new(200, content_type, text.into_bytes()));
        }
        let watch = Watch {
            vm_uuid: cvm.vm_uuid.clone(),
            interval: match self.flood_in(&query.source) {
                Some(_) => CLOSE_LOOK,
                None => LOOK,
            },
            subject: Subject::Log {
                reader: self.next_number(),
                query,
            },
            lease: Arc::default(),
        };
        Ok(Reply::stream(content_type, watch))
    }

    /// What a log gained since the last look, all of it at the first one; and whether there will be no more.
    pub(super) fn followed(
        &mut self,
        watch: &Watch,
        number: u64,
        query: &LogQuery,
    ) -> (String, bool) {
        // Whoever hung up is forgotten.
        self.readers
            .retain(|reader| Arc::strong_count(&reader.lease) > 1);
        let now = self.now;
        let Ok(cvm) = self.cvm(&watch.vm_uuid) else {
            return (String::new(), true);
        };
        let state = cvm.state(now);
        let is_over = !state.in_progress && state.exited_at.is_some();
        let known = self.readers.iter().find(|it| it.number == number);
        let (lines, told_until) = match known {
            None => (self.there_is(cvm, query), now),
            Some(reader) => self.news(cvm, query, reader.told_until),
        };
        let text = query.text(&lines);
        let lease = Arc::clone(&watch.lease);
        let reader = Reader {
            number,
            told_until,
            lease,
        };
        self.readers.retain(|it| it.number != number);
        self.readers.push(reader);
        let is_over = is_over && told_until >= now;
        let is_past = query.until.is_some_and(|until| now >= until);
        (text, is_over || is_past)
    }

    /// What is in a log now, cut to what is wanted of it.
    fn there_is(&self, cvm: &Cvm, query: &LogQuery) -> Vec<Line> {
        let Some(flood) = self.flood_in(&query.source) else {
            return query.cut(lines::all(cvm, &query.source, self.now));
        };
        let from = query.since.unwrap_or(cvm.created_at);
        let until = query.until.map_or(self.now, |until| until.min(self.now));
        flood.last(cvm, from, until, query.tail.unwrap_or(flood::TAIL))
    }

    /// What came after this moment, and until when that is told.
    fn news(&self, cvm: &Cvm, query: &LogQuery, after: Moment) -> (Vec<Line>, Moment) {
        let (lines, until) = if let Some(flood) = self.flood_in(&query.source) {
            flood.between(cvm, after, self.now)
        } else {
            let mut lines = lines::all(cvm, &query.source, self.now);
            lines.retain(|line| line.at > after);
            (lines, self.now)
        };
        (query.within(lines.into_iter()).collect(), until)
    }

    fn flood_in(&self, source: &Source) -> Option<&Flood> {
        let Source::Container(name) = source else {
            return None;
        };
        let flood = self.scenario.flood.as_ref();
        flood.filter(|flood| flood.service == *name)
    }

    /// `logs` of CvmInfo.
    pub(super) fn log_urls(&self, cvm: &Cvm) -> Value {
        let endpoint = self.syslog_endpoint(cvm);
        json!({
            "serial": format!("{endpoint}&ch=serial"),
            "stdout": format!("{endpoint}&ch=stdout"),
            "stderr": format!("{endpoint}&ch=stderr"),
            "container_log_base": null,
        })
    }

    /// Holds a question mark, because the official CLI appends `&ch=…` without looking.
    pub(super) fn syslog_endpoint(&self, cvm: &Cvm) -> String {
        let base = &self.options.base_url;
        format!(
            "{base}/nodelog/{}?token={}",
            cvm.vm_uuid,
            self.log_token(cvm)
        )
    }

    /// Absent if the app keeps its logs to itself.
    pub(super) fn log_endpoint(&self, cvm: &Cvm, service: &str) -> Option<String> {
        let (base, token) = (&self.options.base_url, self.log_token(cvm));
        let uuid = &cvm.vm_uuid;
        cvm.document.flag("public_logs").then(|| {
            let service = in_path(service);
            format!("{base}/nodelog/{uuid}/dstack-{service}-1?token={token}")
        })
    }

    fn log_token(&self, cvm: &Cvm) -> String {
        self.mint.hex(&format!("log token of {}", cvm.number), 12)
    }

    fn readable_container(&self, cvm: &Cvm, name: &str) -> Result<Source, Refusal> {
        let found = cvm
            .document
            .services()
            .into_iter()
            .find(|service| format!("dstack-{}-1", service.name) == name);
        let Some(service) = found.filter(|_| cvm.document.flag("public_logs")) else {
            return Err(Refusal::plain(404, "No such container"));
        };
        if !cvm.state(self.now).is_reachable() {
            return Err(Refusal::plain(503, "The instance cannot be reached"));
        }
        Ok(Source::Container(service.name))
    }
}

impl LogQuery {
    fn read(source: Source, request: &Request, now: Moment) -> Result<Self, Refusal> {
        let moment = |name: &str| {
            request
                .parameter(name)
                .map(|text| {
                    Moment::read(text, now)
                        .ok_or_else(|| Refusal::plain(400, format!("Invalid {name}: {text}")))
                })
                .transpose()
        };
        let has = |name: &str| request.parameter(name).is_some();
        let count = request.parameter("tail").or(request.parameter("lines"));
        let is_container = matches!(source, Source::Container(_));
        Ok(Self {
            since: moment("since")?,
            until: moment("until")?,
            tail: match count {
                None | Some("all" | "") => None,
                Some(text) => Some(
                    text.parse()
                        .map_err(|_| Refusal::plain(400, format!("Invalid tail: {text}")))?,
                ),
            },
            has_timestamps: has("timestamps"),
            form: match is_container {
                true if !has("bare") && has("text") => Form::Text,
                true if !has("bare") => Form::Encoded,
                _ => Form::Bare,
            },
            source,
        })
    }

    /// The lines there are, cut to what is wanted of them.
    fn cut(&self, lines: Vec<Line>) -> Vec<Line> {
        let mut lines: Vec<Line> = self.within(lines.into_iter()).collect();
        let surplus = lines.len().saturating_sub(self.tail.unwrap_or(usize::MAX));
        lines.drain(..surplus);
        lines
    }

    fn within(&self, lines: impl Iterator<Item = Line>) -> impl Iterator<Item = Line> {
        let (since, until) = (self.since, self.until);
        lines.filter(move |line| {
            since.is_none_or(|since| line.at >= since) && until.is_none_or(|until| line.at <= until)
        })
    }

    fn text(&self, lines: &[Line]) -> String {
        lines.iter().map(|line| self.written(line)).collect()
    }

    fn written(&self, line: &Line) -> String {
        let mut message = format!("{}\n", line.text);
        if self.has_timestamps {
            message.insert_str(0, &format!("{} ", line.at.stamp()));
        }
        let message = match self.form {
            Form::Bare => return message,
            Form::Text => message,
            Form::Encoded => STANDARD.encode(message),
        };
        format!(
            "{}\n",
            json!({ "channel": line.channel, "message": message })
        )
    }
}

/// A name as one part of a path: people may call a service anything.
fn in_path(name: &str) -> String {
    let escaped = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    name.bytes().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        assert_eq!(in_path("web-1_a.b"), "web-1_a.b");
        assert_eq!(in_path("a/b?c#d %"), "a%2Fb%3Fc%23d%20%25");
        assert_eq!(in_path("応"), "%E5%BF%9C");
    }
}

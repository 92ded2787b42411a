//! Logs: who may read them, how they are written, and that they grow (section 9.6 of the API reference).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

const BASE: &str = "http://127.0.0.1:1/api/v1";

impl Visitor {
    /// The path of an address that an answer named.
    pub(super) fn syslog(&mut self, id: &str) -> String {
        let detail = self.get_as("2025-10-28", &format!("/cvms/{id}"));
        let endpoint = detail["syslog_endpoint"].as_str().unwrap();
        endpoint.strip_prefix(BASE).unwrap().to_owned()
    }

    pub(super) fn container_log(&mut self, id: &str, place: usize) -> String {
        let composition = self.get(&format!("/cvms/{id}/composition"));
        let endpoint = composition["containers"][place]["log_endpoint"].clone();
        endpoint
            .as_str()
            .unwrap()
            .strip_prefix(BASE)
            .unwrap()
            .to_owned()
    }

    /// Lines of a log, read without the key as the official CLI does.
    pub(super) fn lines(&mut self, target: &str) -> Vec<String> {
        let reply = self.opened(target);
        assert_eq!(reply.status, 200, "{target}");
        let text = String::from_utf8(reply.body).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    pub(super) fn opened(&mut self, target: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap();
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        });
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: pairs.collect(),
            ..Request::default()
        };
        self.world.answer(self.now, &request)
    }
}

pub(super) fn decoded(line: &str) -> (String, String) {
    let line: Value = serde_json::from_str(line).unwrap();
    let message = STANDARD.decode(line["message"].as_str().unwrap()).unwrap();
    (
        line["channel"].as_str().unwrap().to_owned(),
        String::from_utf8(message).unwrap(),
    )
}

#[test]
fn the_serial_console_tells_the_boot_and_grows_with_it() {
    let mut visitor = Visitor::to("on-chain");
    let vm = visitor.created();
    let serial = format!(
        "{}&ch=serial",
        visitor.syslog(vm["vm_uuid"].as_str().unwrap())
    );
    assert_eq!(
        visitor.lines(&serial),
        Vec::<String>::new(),
        "not switched on yet"
    );
    visitor.wait(3.5);
    let first = visitor.lines(&serial);
    assert!(!first.is_empty() && !first.iter().any(|line| line.contains("Hostname")));
    let mut before = 0;
    for (after, word) in [
        (2.0, "booting"),
        (15.0, "requesting app keys"),
        (10.0, "instance id "),
        (40.0, "app-compose.sh[302]: web Pulling"),
        (100.0, "Container dstack-web-1 Started"),
    ] {
        visitor.wait(after);
        let lines = visitor.lines(&serial);
        assert!(
            lines.iter().any(|line| line.contains(word)),
            "{word}: {lines:#?}"
        );
        assert!(lines.len() > before, "{word}");
        before = lines.len();
    }
}

#[test]
fn lines_stand_in_the_order_of_their_moments() {
    let mut visitor = Visitor::to("on-chain");
    let serial = format!("{}&ch=serial&timestamps", visitor.syslog("kv-cache"));
    let stamps: Vec<String> = visitor
        .lines(&serial)
        .iter()
        .map(|line| line.split_once(' ').unwrap().0.to_owned())
        .collect();
    assert!(stamps.len() > 10 && stamps.is_sorted(), "{stamps:?}");
    assert_eq!(stamps[0].len(), "2026-11-23T16:12:04.000000000Z".len());
}

#[test]
fn a_container_speaks_in_json_lines_unless_asked_for_text() {
    let mut visitor = Visitor::to("on-chain");
    let log = visitor.container_log("kv-cache", 0);
    let encoded = visitor.lines(&format!("{log}&tail=20"));
    let spoken: Vec<(String, String)> = encoded.iter().map(|line| decoded(line)).collect();
    assert_eq!(spoken.len(), 20);
    assert!(spoken.iter().any(|(channel, _)| channel == "stderr"));
    assert!(spoken.iter().all(|(_, message)| message.ends_with('\n')));
    let text = visitor.lines(&format!("{log}&tail=20&text"));
    let first: Value = serde_json::from_str(&text[0]).unwrap();
    assert_eq!(first["message"], spoken[0].1);
    let bare = visitor.lines(&format!("{log}&tail=20&text&bare"));
    assert_eq!(bare[0], spoken[0].1.trim_end());
}

#[test]
fn lines_are_cut_by_count_and_by_moment() {
    let mut visitor = Visitor::to("on-chain");
    let log = format!("{}&bare", visitor.container_log("kv-cache", 0));
    let all = visitor.lines(&log);
    assert!(
        all.len() > 700 && all.len() < 730,
        "six hours of it: {}",
        all.len()
    );
    assert_eq!(
        visitor.lines(&format!("{log}&tail=3")),
        all[all.len() - 3..]
    );
    assert_eq!(visitor.lines(&format!("{log}&lines=3")).len(), 3);
    assert_eq!(visitor.lines(&format!("{log}&tail=all")).len(), all.len());
    let recent = visitor.lines(&format!("{log}&since=10m"));
    assert!((20..=21).contains(&recent.len()), "{}", recent.len());
    let old = visitor.lines(&format!("{log}&until=10m"));
    assert_eq!(old.len() + recent.len(), all.len());
    for nonsense in ["since=soon", "tail=x", "until=1y"] {
        assert_eq!(
            visitor.opened(&format!("{log}&{nonsense}")).status,
            400,
            "{nonsense}"
        );
    }
}

#[test]
fn whoever_follows_hears_each_line_once() {
    let mut visitor = Visitor::to("on-chain");
    let log = format!(
        "{}&bare&tail=2&follow",
        visitor.container_log("kv-cache", 1)
    );
    let reply = visitor.opened(&log);
    assert!(reply.content_type.starts_with("text/plain"));
    let Delivery::Stream(watch) = reply.delivery else {
        panic!("a stream")
    };
    let (began, mut heard) = (visitor.now, String::new());
    for _ in 0..100 {
        let (text, ends) = visitor.world.watched(visitor.now, began, &watch);
        assert!(!ends);
        heard += &text;
        visitor.wait(1.0);
    }
    // Two at first, then one every half minute.
    assert_eq!(heard.lines().count(), 2 + 3, "{heard}");
    let mut once: Vec<&str> = heard.lines().collect();
    once.dedup();
    assert_eq!(once.len(), 5);
    visitor.post("/cvms/kv-cache/stop", &json!({}));
    visitor.wait(5.0);
    let (text, ends) = visitor.world.watched(visitor.now, began, &watch);
    assert!(ends && text.contains("SIGTERM"), "{text}");
    assert_eq!(visitor.world.readers.len(), 1);
    drop(watch);
    let Delivery::Stream(other) = visitor
        .opened(&log.replace("dstack-metrics-1", ""))
        .delivery
    else {
        panic!("a stream")
    };
    visitor.world.watched(visitor.now, visitor.now, &other);
    assert_eq!(visitor.world.readers.len(), 1, "who hung up is forgotten");
}

#[test]
fn following_does_not_count_as_watching_a_state() {
    let mut visitor = Visitor::to("on-chain");
    let log = format!("{}&ch=serial&follow", visitor.syslog("kv-cache"));
    let open: Vec<Reply> = (0..9).map(|_| visitor.opened(&log)).collect();
    assert!(open.iter().all(|reply| reply.status == 200));
    let state = visitor.send("GET /cvms/kv-cache/state?target=stopped", &[], "");
    assert_eq!(state.status, 200);
}

#[test]
fn a_restart_goes_on_in_the_same_log() {
    let mut visitor = Visitor::to("on-chain");
    let serial = format!("{}&ch=serial", visitor.syslog("kv-cache"));
    let container = format!("{}&bare", visitor.container_log("kv-cache", 0));
    visitor.post("/cvms/kv-cache/restart", &json!({ "force": false }));
    visitor.wait(100.0);
    let lines = visitor.lines(&serial);
    let boots = lines.iter().filter(|line| line.contains("Linux version"));
    assert_eq!(boots.count(), 2);
    let words = visitor.lines(&container);
    assert!(words.iter().any(|line| line.contains("received SIGTERM")));
    assert!(
        words.last().unwrap().contains("beat 1"),
        "{:?}",
        words.last()
    );
    let manager = serial.replace("ch=serial", "ch=stdout");
    assert!(
        visitor
            .lines(&manager)
            .iter()
            .any(|line| line.contains("powered off"))
    );
    let trouble = serial.replace("ch=serial", "ch=stderr");
    assert_eq!(visitor.lines(&trouble).len(), 2);
}

#[test]
fn a_failed_boot_leaves_its_reason_in_the_logs() {
    let console = |scenario: &str| {
        let mut visitor = Visitor::to(scenario);
        let (_, vm) = visitor.direct("kv-cache", &json!({}));
        visitor.wait(1000.0);
        let log = visitor.syslog(vm["vm_uuid"].as_str().unwrap());
        visitor.lines(&format!("{log}&ch=serial"))
    };
    let says = |lines: &[String], words: &str| lines.iter().any(|line| line.contains(words));
    let lines = console("keys-refused");
    assert!(says(&lines, "KMS denied the app keys"), "{lines:#?}");
    // What a script reports goes to the host, and not over the console.
    let lines = console("boot-fails");
    assert!(!says(&lines, "failed to start containers"), "{lines:#?}");
    assert!(says(&lines, "Pulling"), "{lines:#?}");
    let mut visitor = Visitor::to("boot-fails");
    let (_, vm) = visitor.direct("kv-cache", &json!({}));
    visitor.wait(1000.0);
    let log = visitor.container_log(vm["vm_uuid"].as_str().unwrap(), 0);
    let (channel, last) = decoded(visitor.lines(&log).last().unwrap());
    assert_eq!(channel, "stderr");
    assert!(last.contains("fatal"), "{last}");
    let other = visitor.container_log(vm["vm_uuid"].as_str().unwrap(), 1);
    assert_eq!(visitor.lines(&other), Vec::<String>::new(), "never started");
}

#[test]
fn a_log_opens_with_its_token_only() {
    let mut visitor = Visitor::to("on-chain");
    let serial = format!("{}&ch=serial", visitor.syslog("kv-cache"));
    let token = serial
        .split("token=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    assert_eq!(visitor.opened(&serial.replace(token, "guess")).status, 403);
    let other = visitor.syslog("orders-api-1");
    let foreign = other.split("token=").nth(1).unwrap();
    assert_eq!(visitor.opened(&serial.replace(token, foreign)).status, 403);
    assert_eq!(
        visitor
            .opened(&serial.replace("ch=serial", "ch=video"))
            .status,
        400
    );
    let container = visitor.container_log("kv-cache", 0);
    assert_eq!(
        visitor
            .opened(&container.replace("cache-1", "nobody-1"))
            .status,
        404
    );
    let gone = visitor
        .syslog("model-gateway")
        .replace('?', "/dstack-gateway-1?");
    assert_eq!(visitor.opened(&gone).status, 503, "it is stopped");
}

#[test]
fn an_app_that_keeps_its_logs_to_itself_offers_none() {
    let mut visitor = Visitor::to("on-chain");
    let log = visitor.container_log("kv-cache", 0);
    visitor.patch("/cvms/kv-cache", &json!({ "public_logs": false }));
    visitor.wait(200.0);
    let containers = visitor.get("/cvms/kv-cache/composition")["containers"].clone();
    assert_eq!(containers[0]["log_endpoint"], Value::Null);
    assert_eq!(visitor.opened(&log).status, 404);
}

//! The panes of the cockpit on key strings: how one gets there, what each does, and what a log can do.

use phala_wizard::api::types::{Certificate, LogEnd, LogSource, Reached};
use phala_wizard::wizard::event::{Outcome, Request};

use super::cloud::cockpit::{self, container};
use super::cloud::{self, Cloud};
use super::cockpit::{typed, watched};
use super::journey::Journey;

/// Words that only one pane has, from left to right.
const PANES: [&str; 7] = [
    "The instance",
    "1 of 1 are well",
    "[1 serial]",
    "The way there",
    "Processors",
    "Proof that it is what you asked for",
    "of 3 run",
];

fn ready() -> Cloud {
    Cloud {
        hash_allowed: true,
        ..Cloud::default()
    }
}

fn booting(cloud: Cloud) -> Journey {
    typed(cloud)
}

fn running(cloud: Cloud) -> Journey {
    let mut journey = typed(cloud);
    journey.cloud.boots_well();
    journey.wait(10).sees("Running");
    journey
}

/// The lines of the console while it boots.
fn console(cloud: &mut Cloud) {
    cloud.cockpit.says(
        LogSource::Serial,
        &[
            "Linux version 6.9.0-dstack",
            "[FAILED] Failed to start Virtual Console Setup.",
            "app-compose.sh[302]: api Pulling",
            "app-compose.sh[302]: Error: access denied",
            "app-compose.sh[302]: redis Pulled",
            "app-compose.sh[302]: redis: Denied, and again denied",
        ],
    );
}

#[test]
fn left_and_right_go_through_all_panes_and_around() {
    let mut journey = running(ready());
    for words in PANES.iter().skip(1).chain(&PANES[..1]) {
        journey.press("<right>").sees(words);
    }
    for words in PANES.iter().rev() {
        journey.press("<left>").sees(words);
    }
    journey.press("<right>").sees(PANES[1]);
    journey.press("L").sees(PANES[2]);
    journey.press("<esc>").sees(PANES[0]);
    journey.press("v").sees(PANES[5]);
    journey.press("hh").sees(PANES[3]);
    journey.press("l").sees(PANES[4]);
    journey.press("<esc>").sees(PANES[0]);
    assert!(journey.exit.is_none());
}

/// A figure that nobody looks at is asked for seldom, and one on screen every few seconds.
#[test]
fn what_is_on_screen_is_asked_for_and_what_is_not_is_not() {
    let mut journey = running(ready());
    let kinds: [(usize, cockpit::Kind); 3] = [
        (1, |request| matches!(request, Request::Composition(_))),
        (3, |request| matches!(request, Request::Network(_))),
        (6, |request| matches!(request, Request::States(_))),
    ];
    for (pane, kind) in kinds {
        let before = journey.count(kind);
        journey.wait(14);
        assert!(
            journey.count(kind) <= before + 1,
            "{pane} while nobody looks"
        );
        let before = journey.count(kind);
        journey.press(&"<right>".repeat(pane)).wait(14);
        let asked = journey.count(kind) - before;
        assert!((2..=4).contains(&asked), "{pane}: {asked} times in 14 s");
        journey.press(&"<left>".repeat(pane));
    }
}

#[test]
fn a_container_opens_its_log() {
    let mut cloud = ready();
    cloud.cockpit.containers(vec![
        container("dstack-api-1", "running", "Up 2 minutes"),
        container(
            "dstack-worker-1",
            "restarting",
            "Restarting (1) 2 seconds ago",
        ),
    ]);
    cloud
        .cockpit
        .says(cockpit::of("dstack-worker-1"), &["out of tea"]);
    let mut journey = running(cloud);
    journey.press("<right>").sees("1 of 2 are not well");
    journey.press("<down><enter>");
    journey.sees("[5 worker]").sees("     1  out of tea");
    journey.press("4").sees("[4 api]");
    journey.sees("It is open, and nothing was written to it.");
    journey.press("<tab>").sees("[5 worker]");
    journey.press("<tab>").sees("[1 serial]");
}

#[test]
fn a_log_is_followed_and_stands_still_when_told() {
    let mut cloud = ready();
    console(&mut cloud);
    let mut journey = booting(cloud);
    journey
        .press("L")
        .sees("again denied")
        .sees("following. 6 lines");
    journey
        .logs(&LogSource::Serial, &["seven"])
        .sees("     7  seven");
    journey.press("f").sees("Standing still");
    let many: Vec<String> = (8..90).map(|number| format!("line {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    journey.logs(&LogSource::Serial, &many);
    journey.sees("     7  seven").does_not_see("line 89");
    journey.press("f").sees("line 89").does_not_see("  seven");
    journey.press("g").sees("     1  Linux version");
    journey.press("G").sees("line 89");
}

#[test]
fn a_search_counts_its_hits_and_goes_round() {
    let mut cloud = ready();
    console(&mut cloud);
    let mut journey = booting(cloud);
    journey.press("L/denied");
    journey.sees("2 of 2").press("<enter>");
    journey.press("n").sees("1 of 2").press("n").sees("2 of 2");
    journey.press("N").sees("1 of 2");
    // While it is looked for, what is folded is in sight: it could be in there.
    journey.sees("     2  [FAILED] Failed to start Virtual");
    journey.press("/<esc>").does_not_see(" of 2");
    journey.press("/Denied<enter>").sees("1 of 1");
    journey
        .logs(&LogSource::Serial, &["Denied once more"])
        .sees("1 of 2");
    journey.press("/");
    for _ in 0..6 {
        journey.press("<back>");
    }
    journey.press("nothing at all<enter>").sees("0 lines found");
    // While it is typed, letters are letters.
    journey.press("/dDxq<enter>").sees("0 lines found");
    assert!(journey.exit.is_none());
}

/// A search unfolds, so a step goes to the very next line that is in sight.
#[test]
fn a_step_goes_to_the_next_line_on_screen_while_something_is_looked_for() {
    let mut cloud = ready();
    console(&mut cloud);
    let mut journey = booting(cloud);
    journey.press("L/Failed to start<enter>").sees("1 of 1");
    journey.press("<up>").sees("1 line found");
    journey.press("<down>").sees("1 of 1");
}

#[test]
fn lines_are_wrapped_stamped_and_unfolded() {
    let mut cloud = ready();
    let long = format!("app-compose.sh[302]: {} end-of-it", "x".repeat(160));
    let noise = "[FAILED] Failed to start Virtual Console Setup.";
    cloud.cockpit.says(LogSource::Serial, &[&long, noise]);
    let mut journey = booting(cloud);
    journey.press("L").does_not_see("end-of-it").press("W");
    journey
        .sees("end-of-it")
        .press("W")
        .does_not_see("end-of-it");
    journey.does_not_see("10:00:00").press("t").sees("10:00:00");
    journey.press("t").does_not_see("10:00:00");
    journey.sees("1 line known and harmless, folded").press("z");
    journey.sees("(harmless: there is no console");
    journey.press("z").does_not_see("Virtual Console");
}

#[test]
fn a_log_is_saved_and_paged_whole_and_an_empty_one_is_not() {
    let mut cloud = ready();
    console(&mut cloud);
    let mut journey = booting(cloud);
    journey
        .press("L")
        .press("w")
        .sees("written: orders-api-c-serial.log");
    journey.press("v");
    let texts = journey.asked.iter().filter_map(|request| match request {
        Request::SaveLog { text, .. } | Request::ShowPaged(text) => Some(text.expose()),
        _ => None,
    });
    let texts: Vec<&str> = texts.collect();
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert_eq!(
            text.lines().count(),
            6,
            "what is folded is in it too: {text}"
        );
    }
    let asked = journey.asked.len();
    journey.press("2wv").sees("[2 stdout]");
    let notice = journey.wizard.notice().unwrap_or_default();
    assert_eq!(notice, "there are no lines yet");
    let asked = &journey.asked[asked..];
    let handed =
        |request: &Request| matches!(request, Request::SaveLog { .. } | Request::ShowPaged(_));
    assert!(!asked.iter().any(handed), "{asked:?}");
}

#[test]
fn an_empty_log_says_why() {
    let offline = || LogEnd::Offline(Some("guest agent is down".into()));
    for (end, words) in [
        (None, "No output yet."),
        (Some(LogEnd::Closed), "The node closed it without a line."),
        (Some(LogEnd::Private), "The app keeps its logs to itself."),
        (
            Some(LogEnd::NoContainer(Vec::new())),
            "There is no container 'serial' yet.",
        ),
        (
            Some(LogEnd::NoContainer(vec!["api".into()])),
            "There are: api.",
        ),
        (Some(LogEnd::NoAddress), "names no address for this log yet"),
        (
            Some(offline()),
            "In the service's words: guest agent is down",
        ),
        (
            Some(LogEnd::Failed(cloud::refused("GET /logs", 503, None))),
            "It could not be read",
        ),
    ] {
        let mut cloud = ready();
        cloud
            .cockpit
            .ends
            .extend(end.map(|end| (LogSource::Serial, end)));
        let mut journey = booting(cloud);
        journey.press("L").sees(words);
    }
}

/// B26: whatever becomes of logs and streams, only a note changes.
#[test]
fn a_lost_log_changes_a_note_and_nothing_else() {
    let mut cloud = ready();
    console(&mut cloud);
    let mut journey = booting(cloud);
    journey.press("L").sees("following.");
    let lost = LogEnd::Failed(cloud::lost());
    journey
        .cloud
        .cockpit
        .ends
        .insert(LogSource::Serial, lost.clone());
    let id = journey.open_log(&LogSource::Serial).expect("it is open");
    let ended = phala_wizard::wizard::event::Answer::LogEnded(LogSource::Serial, lost);
    journey.reply(id, ended);
    journey
        .sees("The log was lost; that says nothing about the instance.")
        .sees("again denied");
    let stream = journey
        .streams
        .iter()
        .find_map(|(id, request)| match request {
            Request::Stream(_) => Some(*id),
            _ => None,
        });
    let cut = phala_wizard::wizard::event::Answer::StreamEnded(Some(cloud::lost()));
    journey.reply(stream.expect("it is open"), cut);
    journey.settle().sees("starting");
    journey.cloud.boots_well();
    journey
        .wait(10)
        .sees("running")
        .press("<esc>")
        .sees("Running.");
    journey.press("L").wait(60);
    journey.sees("The log was lost").sees("again denied");
    journey.press("<^c><right><enter>");
    assert_eq!(
        journey.exit.map(|exit| exit.outcome),
        Some(Outcome::Running)
    );
}

/// What is read again from a time stamp on, or from the beginning, is not taken twice.
#[test]
fn a_log_that_ends_again_and_again_keeps_each_line_once() {
    for is_stamped in [true, false] {
        let mut cloud = ready();
        console(&mut cloud);
        let lines = cloud.cockpit.logs.values_mut().flatten();
        for line in lines.filter(|_| !is_stamped) {
            line.at = None;
        }
        cloud.cockpit.ends.insert(LogSource::Serial, LogEnd::Closed);
        let mut journey = booting(cloud);
        journey.press("L").wait(120).sees("polling. 6 lines");
        let asked = journey.count(|request| matches!(request, Request::Log { .. }));
        assert!((4..=12).contains(&asked), "{asked} times in 122 s");
    }
}

#[test]
fn the_app_itself_is_asked_by_a_key_and_never_by_itself() {
    let mut cloud = ready();
    cloud.cockpit.reached = Ok(Reached {
        status: 503,
        millis: 31,
        certificate: Some(Certificate {
            subject: "*.example".into(),
            issuer: "R11".into(),
            until: "2027-01-31T23:59:59Z".into(),
        }),
    });
    let mut journey = running(cloud);
    let checks =
        |journey: &Journey| journey.count(|request| matches!(request, Request::CheckAddress(_)));
    journey
        .press("<right><right><right>")
        .wait(60)
        .sees("not asked");
    assert_eq!(checks(&journey), 0);
    journey.press_only("ccc").sees("waiting, 10 s at most");
    assert_eq!(checks(&journey), 1, "one at a time");
    journey.settle();
    journey
        .sees("HTTP 503 in 31 ms")
        .sees("nothing answers behind it")
        .sees("good until 2027-01-31");
    journey.cloud.cockpit.reached = Err("no answer (TLS handshake)".into());
    journey
        .press("c")
        .sees("no answer (TLS handshake)")
        .sees("0.0.0.0");
    journey.press("<esc>").sees("no answer: no answer");
    assert_eq!(checks(&journey), 2);
}

/// Who watches an instance that is not theirs to write down writes nothing down.
#[test]
fn an_instance_that_is_watched_is_found_by_any_name() {
    let uuid = cloud::instance("orders-api", 1, 'a')
        .uuid
        .expect("a uuid")
        .to_string();
    for name in ["orders-api", &uuid, &uuid.replace('-', "")] {
        let mut cloud = ready();
        cloud.boots_well();
        let mut journey = watched(cloud, name);
        journey.wait(5).sees("Running.").sees("orders-api");
        let noted = journey.count(|request| matches!(request, Request::Note(_)));
        assert_eq!(noted, 0, "{name}");
        let receipt = journey.wizard.exit().receipt.join("\n");
        assert!(!receipt.contains("time to run"), "nobody saw it: {receipt}");
    }
    let mut journey = watched(ready(), &format!("app_{}", cloud::APP));
    journey.sees("The app has several instances.").press("2");
    journey.wait(2).sees("orders-api-b");
    let mut journey = watched(ready(), "no-such-thing");
    journey
        .sees("The service does not know it.")
        .press("<^c><right><enter>");
    assert_eq!(
        journey.exit.map(|exit| exit.outcome),
        Some(Outcome::NotFound)
    );
}

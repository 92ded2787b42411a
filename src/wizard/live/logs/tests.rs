//! Logs, tended as the watch tends them.

use super::page::Around;
use super::*;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::Container;
use crate::wizard::keymap::Command;
use crate::wizard::page::{Block, Line};
use crate::wizard::screen::Input;
use crate::zone::Zone;

const AROUND: Around = Around {
    age: 3,
    phase: Some("setting up docker"),
};
const ON_SCREEN: Wanted = Wanted {
    selected: true,
    boot: false,
    cause: false,
};
const NOTHING: Wanted = Wanted {
    selected: false,
    boot: false,
    cause: false,
};

fn cvm() -> CvmUuid {
    CvmUuid::parse(&"12".repeat(16)).expect("a uuid")
}

fn ask(source: LogSource, after: Option<&str>) -> Wish {
    Wish::Ask(Request::Log {
        of: cvm(),
        source,
        mask: Mask::default(),
        after: after.map(Shown::line),
    })
}

fn line(at: &str, text: &str) -> LogLine {
    LogLine {
        at: Some(at.into()),
        is_error: false,
        text: text.into(),
    }
}

fn logs(lines: &[&str]) -> Logs {
    let mut logs = Logs::new(Mask::default());
    logs.tend(Some(&cvm()), ON_SCREEN, &[], 0);
    let lines = lines.iter().map(|text| line("2026-11-28T10:25:29Z", text));
    logs.take(&LogSource::Serial, lines.collect());
    logs
}

fn broken() -> LogEnd {
    LogEnd::Failed(Error {
        asked: "GET log".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Connect, Shown::default()),
    })
}

fn page(logs: &Logs) -> String {
    page_in(logs, &Zone::default())
}

fn page_in(logs: &Logs, zone: &Zone) -> String {
    let mut text = Vec::new();
    for block in logs.blocks(AROUND, zone) {
        match block {
            Block::Text(lines) => text.extend(lines.iter().map(Line::words)),
            Block::Log(view) => {
                text.extend((0..view.len).map(|row| (view.row)(row).words()));
                if view.len == 0 {
                    text.extend(view.empty.iter().map(Line::words));
                }
            }
            _ => {}
        }
    }
    text.push(logs.note(zone).words());
    text.join("\n")
}

fn press(logs: &mut Logs, command: Command) {
    assert!(logs.look(&Input::Command(command)), "{command:?}");
}

#[test]
fn only_what_is_wanted_is_read_and_it_is_let_go_of() {
    let mut logs = Logs::new(Mask::default());
    assert_eq!(logs.tend(None, ON_SCREEN, &[], 0), [], "no id, no log");
    assert_eq!(
        logs.tend(Some(&cvm()), ON_SCREEN, &[], 0),
        [ask(LogSource::Serial, None)]
    );
    assert_eq!(
        logs.tend(Some(&cvm()), ON_SCREEN, &[], 1),
        [],
        "it is asked"
    );
    assert_eq!(
        logs.tend(Some(&cvm()), NOTHING, &[], 2),
        [Wish::CloseLog(LogSource::Serial)]
    );
    assert_eq!(logs.tend(Some(&cvm()), NOTHING, &[], 3), []);
}

#[test]
fn a_cause_is_looked_for_in_the_logs_of_what_is_in_trouble() {
    let mut logs = Logs::new(Mask::default());
    let container = |name: &str| Container {
        name: name.into(),
        ..Container::default()
    };
    logs.take_containers(&Composition {
        containers: vec![container("api"), container("web")],
        ..Composition::default()
    });
    let wanted = Wanted {
        cause: true,
        ..NOTHING
    };
    let wishes = logs.tend(Some(&cvm()), wanted, &["web"], 0);
    let web = LogSource::Container("web".into());
    let sources = [LogSource::Serial, LogSource::Stdout, LogSource::Stderr, web];
    assert_eq!(wishes, sources.map(|source| ask(source, None)));
}

#[test]
fn a_container_may_be_asked_for_by_the_name_of_its_service() {
    let mut logs = Logs::new(Mask::default());
    logs.open("api");
    let named = |name: &str| LogSource::Container(name.into());
    assert_eq!(logs.selected().source, named("api"));
    logs.ended(&named("api"), LogEnd::NoContainer(Vec::new()), 0);
    logs.take_containers(&Composition {
        containers: vec![Container {
            name: "dstack-api-1".into(),
            ..Container::default()
        }],
        ..Composition::default()
    });
    assert_eq!(logs.selected().source, named("dstack-api-1"));
    assert_eq!(logs.tapes().len(), 4, "it stands there once");
    assert_eq!(
        logs.tend(Some(&cvm()), ON_SCREEN, &[], 0),
        [ask(named("dstack-api-1"), None)],
        "and is asked for at once"
    );
}

#[test]
fn a_lost_log_comes_back_from_where_it_was_left_with_growing_pauses() {
    let mut logs = logs(&["one"]);
    let mut now = 10;
    for pause in [1, 2, 4, 8, 16, 30, 30] {
        logs.ended(&LogSource::Serial, broken(), now);
        assert_eq!(logs.tend(Some(&cvm()), ON_SCREEN, &[], now + pause - 1), []);
        now += pause;
        assert_eq!(
            logs.tend(Some(&cvm()), ON_SCREEN, &[], now),
            [ask(LogSource::Serial, Some("2026-11-28T10:25:29Z"))],
            "{pause}"
        );
    }
    assert!(page(&logs).contains("one"), "what was read stays");
    logs.take(
        &LogSource::Serial,
        vec![line("2026-11-28T10:25:30Z", "two")],
    );
    logs.ended(&LogSource::Serial, broken(), now);
    assert!(page(&logs).contains("says nothing about the instance"));
    let wishes = logs.tend(Some(&cvm()), ON_SCREEN, &[], now + 1);
    assert_eq!(wishes.len(), 1, "after a line the pauses are short again");
}

#[test]
fn an_empty_log_says_why() {
    let reasons = [
        (LogEnd::Private, "keeps its logs to itself"),
        (
            LogEnd::NoContainer(Vec::new()),
            "its boot is at 'setting up docker'",
        ),
        (
            LogEnd::NoContainer(vec!["api".into(), "web".into()]),
            "There are: api, web.",
        ),
        (LogEnd::NoAddress, "names no address"),
        (LogEnd::Offline(None), "The guest does not answer."),
        (
            LogEnd::Offline(Some("agent timeout".into())),
            "In the service's words: agent timeout",
        ),
        (broken(), "It could not be read"),
        (LogEnd::Closed, "without a line"),
    ];
    for (why, words) in reasons {
        let mut logs = Logs::new(Mask::default());
        logs.tend(Some(&cvm()), ON_SCREEN, &[], 0);
        assert!(page(&logs).contains("the instance is 3 s old"));
        logs.ended(&LogSource::Serial, why, 0);
        let page = page(&logs);
        assert!(page.contains(words), "{words}: {page}");
        assert!(page.contains("I look again by myself."));
    }
}

#[test]
fn following_ends_with_a_step_up_and_begins_again_at_the_end() {
    let mut logs = logs(&["one", "two", "three"]);
    assert!(logs.follows());
    press(&mut logs, Command::Up);
    assert_eq!(logs.view.at, Some(2));
    press(&mut logs, Command::First);
    assert_eq!(logs.view.at, Some(1));
    press(&mut logs, Command::Last);
    assert!(logs.follows());
    press(&mut logs, Command::Follow);
    assert_eq!(logs.view.at, Some(3), "it stands still where it was");
    press(&mut logs, Command::Down);
    assert!(logs.follows(), "beyond the last line it follows");
}

#[test]
fn a_search_stands_on_its_hits_and_escape_finds_nothing() {
    let mut logs = logs(&["api denied", "web", "denied again"]);
    press(&mut logs, Command::Filter);
    assert!(logs.is_typing());
    logs.look(&Input::Paste(crate::secret::Secret::new("denied")));
    assert_eq!(logs.view.at, Some(3), "the last one, as it followed");
    press(&mut logs, Command::Next);
    assert!(page(&logs).contains("2 of 2"), "{}", page(&logs));
    press(&mut logs, Command::FindBefore);
    assert_eq!(logs.view.at, Some(1));
    press(&mut logs, Command::FindNext);
    assert_eq!(logs.view.at, Some(3));
    press(&mut logs, Command::FindNext);
    assert_eq!(logs.view.at, Some(1), "it goes round");
    press(&mut logs, Command::Filter);
    press(&mut logs, Command::Back);
    assert_eq!(logs.selected().book.hits(), 0);
}

#[test]
fn known_harmless_lines_fold_until_somebody_looks_for_something() {
    let mut logs = logs(&[
        "one",
        "[FAILED] Failed to start Virtual Console Setup.",
        "two",
    ]);
    let folded = page(&logs);
    assert!(!folded.contains("Failed to start"), "{folded}");
    assert!(folded.contains("1 line known and harmless, folded"));
    press(&mut logs, Command::Fold);
    assert!(page(&logs).contains("Failed to start"));
    press(&mut logs, Command::Fold);
    press(&mut logs, Command::Filter);
    logs.look(&Input::Paste(crate::secret::Secret::new("console")));
    assert!(page(&logs).contains("Failed to start"), "it was looked for");
}

#[test]
fn a_line_that_is_looked_at_may_go_and_the_view_stays_inside() {
    let mut logs = logs(&["first"]);
    press(&mut logs, Command::First);
    let flood = (0..book::MOST_LINES + 10).map(|number| line("", &number.to_string()));
    logs.take(&LogSource::Serial, flood.collect());
    assert_eq!(logs.view.at, Some(logs.selected().book.dropped() + 1));
}

//! Other keys than the usual ones, through a whole walk. They are bound once per program, so this is one of its own.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/typed.rs"]
mod typed;

use cloud::Cloud;
use journey::Journey;
use phala_wizard::wizard::event::Request;
use phala_wizard::wizard::keymap::bound::{self, Wish};
use phala_wizard::wizard::keymap::{Command, clashes, read};

fn wish(command: Command, keys: &[&str]) -> Wish {
    Wish {
        command,
        keys: keys.iter().map(|key| read(key).unwrap()).collect(),
    }
}

#[test]
fn what_is_bound_is_what_works_and_what_is_shown() {
    let rows = bound::table(&[
        wish(Command::Help, &["F2"]),
        wish(Command::Refresh, &["b"]),
        wish(Command::Next, &["Ctrl-G", "m"]),
        wish(Command::Tab, &["t"]),
        wish(Command::Files, &["s"]),
        wish(Command::Stamps, &["T"]),
    ]);
    assert!(bound::bind(rows.unwrap()));
    assert!(!bound::bind(Vec::new()), "keys are bound once");

    let mut journey = Journey::signed_in(Cloud {
        compose_file: "services:\n  web:\n    image: nginx\n    ports: [\"8080:80\"\n".to_owned(),
        ..Cloud::default()
    });
    journey.sees("F2 keys").sees("b ask again").sees("t facts");
    assert_eq!(clashes(&journey.wizard.offer()), []);
    let lists =
        |journey: &Journey| journey.count(|request| matches!(request, Request::Apps { .. }));
    let before = lists(&journey);
    journey.press("r");
    assert_eq!(lists(&journey), before, "r is nothing any more");
    journey.press("b");
    assert_eq!(lists(&journey), before + 1);
    journey.press("?").does_not_see("These keys work here");
    // The help knows them, and while its field is open letters are text.
    journey.press("<f1>").does_not_see("These keys work here");
    journey.event(phala_wizard::wizard::event::Event::Key(
        crossterm::event::KeyEvent::from(crossterm::event::KeyCode::F(2)),
    ));
    journey.sees("These keys work here").sees("Enter Ctrl-G m");
    journey.press("<esc>");
    // A sentence names the key that works.
    journey.press("m<enter>s/docker<^g>");
    journey.sees("e in your editor, s picks another file");
}

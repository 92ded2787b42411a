//! The plain lines: whole walks as they are heard, the same end as on the screen in every story, and a terminal that
//! gets nothing but letters and line ends.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "pty/harness.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod harness;
#[path = "support/heard.rs"]
mod heard;
#[path = "spoken/panics.rs"]
mod panics;
#[path = "support/service.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod service;
#[path = "spoken/terminal.rs"]
mod terminal;
#[path = "support/tour.rs"]
mod tour;
#[path = "support/typed.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod typed;

use futures_util::stream::{self, StreamExt};
use phala_wizard::shell::demo;
use phala_wizard::wizard::Wizard;
use phala_wizard::wizard::event::Outcome;
use phala_wizard::wizard::page::Block;
use phala_wizard::wizard::sight::RAIL;
use tour::{Face, Tour};

/// From the list of apps to the review.
const TO_THE_REVIEW: [&str; 5] = ["1", "", "", "", ""];

#[tokio::test]
async fn a_whole_walk_can_be_read_by_a_person() {
    let mut you = Tour::hears("on-chain").await;
    you.answers(&TO_THE_REVIEW).await;
    you.answers(&["help", "request", "facts", ""]).await;
    you.hears_of("Create this instance?").await.wait(3).await;
    you.answers(&["", "", "2", "no", "2", "yes"]).await;
    you.hears_of("The evidence fits").await.wait(2).await;
    you.answers(&["", "proof", "status", "nonsense", "quit", "2"])
        .await;
    insta::assert_snapshot!("walk", you.face.transcript);
}

#[tokio::test]
async fn a_failed_boot_offers_numbered_remedies() {
    let mut you = Tour::hears("boot-fails").await;
    you.answers(&TO_THE_REVIEW).await.answers(&[""]).await;
    you.hears_of("Create this instance?").await.wait(3).await;
    you.answers(&["create", "yes"]).await;
    you.hears_of("What you can do").await;
    you.answers(&["restart", "no", "delete", "no", "back", "1"])
        .await;
    insta::assert_snapshot!("failed", you.face.transcript);
}

#[tokio::test]
async fn values_names_and_texts_are_asked_for_line_by_line_and_values_are_never_said() {
    let mut you = Tour::hears("central-kms").await;
    you.answers(&[
        "kv",
        "1",
        "3",
        "read",
        "type",
        "services:",
        "  api:",
        "    image: nginx:1.27",
        ".",
        "read",
        "done",
        "",
    ])
    .await;
    you.answers(&[
        "a table",
        "add",
        "1x",
        "help",
        "CACHE_PASSWORD",
        "canary-7be0a5d1",
        "add",
        "MAX_MEMORY",
        "back",
    ])
    .await;
    you.answers(&["drop 2", "toggle", "PASTED=canary-pasted", "facts"])
        .await;
    let heard = you.face.transcript.replace("canary-7be0a5d1\n", "\n");
    assert!(!heard.contains("canary-7be0a5d1"), "{heard}");
    assert_eq!(
        heard.matches("canary-pasted").count(),
        1,
        "said back:\n{heard}"
    );
    insta::assert_snapshot!("typed", heard);
}

#[tokio::test]
async fn silence_is_broken_every_half_minute_and_nothing_else_is_said_twice() {
    let mut you = Tour::hears("never-signed").await;
    you.answers(&["1", "prod9", "", "", "", ""]).await;
    you.hears_of("Who does it, and how").await.wait(10).await;
    let before = you.face.transcript.len();
    you.wait(95).await;
    let heard = &you.face.transcript[before..];
    assert_eq!(heard.matches("Still waiting: ").count(), 3, "{heard}");
    assert_eq!(heard.trim().lines().count(), 3, "{heard}");
}

#[tokio::test]
async fn what_creates_needs_a_whole_yes_right_after_it_was_chosen() {
    for refused in ["", "y", "2", "no", "next", "Create instance", "back"] {
        let mut you = Tour::hears("already-registered").await;
        you.answers(&TO_THE_REVIEW).await.answers(&[""]).await;
        you.hears_of("Create this instance?").await.wait(3).await;
        you.answers(&["2", refused, "yes"]).await.wait(5).await;
        let place = RAIL[you.face.wizard().place()];
        assert_ne!(place, "Live", "{refused:?} and a late yes create");
        assert!(!you.face.transcript.contains("request sent"), "{refused:?}");
    }
    let mut you = Tour::hears("already-registered").await;
    you.answers(&TO_THE_REVIEW).await.answers(&[""; 500]).await;
    assert!(
        !you.face.transcript.contains("request sent"),
        "Enter alone creates"
    );
}

/// The same decisions, once with keys and once with typed lines, in every story: what came of it is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_story_ends_the_same_on_the_screen_and_in_plain_lines() {
    let stories = demo::scenarios().into_iter().map(|(story, _)| both(story));
    let ends: Vec<Outcome> = stream::iter(stories).buffer_unordered(8).collect().await;
    // The walks go far enough for the comparison to say something.
    for code in [Outcome::Running, Outcome::Nothing, Outcome::Unhealthy].map(Outcome::code) {
        let codes: Vec<u8> = ends.iter().map(|outcome| outcome.code()).collect();
        assert!(
            codes.contains(&code),
            "no story ends with {code}: {codes:?}"
        );
    }
}

/// Walks both faces through a story, and says how both ended.
async fn both(story: String) -> Outcome {
    let mut screen = Tour::of(&story).await;
    let mut lines = Tour::hears(&story).await;
    for round in 0..ROUNDS {
        let creates = confirms(&screen.face);
        assert_eq!(creates, confirms(lines.face.wizard()), "{story}");
        if creates {
            screen.press("<right><enter>").await;
            lines.answers(&["2", "yes"]).await;
        } else {
            screen.press("<enter>").await;
            lines.answers(&[""]).await;
        }
        let pause = if round < IN_THE_FORM { 2 } else { 16 };
        screen.wait(pause).await;
        lines.wait(pause).await;
    }
    let (drawn, said) = (&screen.face, lines.face.wizard());
    assert_eq!(said.report(), drawn.report(), "{story}");
    assert_eq!(said.exit(), drawn.exit(), "{story}");
    assert_eq!(
        screen.said().len(),
        lines.said().len(),
        "{story}: questions"
    );
    let heard = &lines.face.transcript;
    let odd = heard.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "{story}");
    let drawing = |c: &char| matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{28ff}');
    assert_eq!(heard.chars().find(drawing), None, "{story}:\n{heard}");
    drawn.exit().outcome
}

/// Decisions of a walk, and how many of them come before anything is sent.
const ROUNDS: usize = 20;
const IN_THE_FORM: usize = 6;

/// Whether the one confirmation is asked for.
fn confirms(wizard: &Wizard) -> bool {
    let page = wizard.page();
    let mut blocks = page.main.iter();
    let has_buttons = blocks.any(|block| matches!(block, Block::Buttons(..)));
    has_buttons && RAIL[wizard.place()] == "Commit"
}

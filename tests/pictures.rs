//! The pictures in the README: frames of walks through the sandbox, drawn by the program, and what it says in plain lines.
//!
//! `UPDATE_FRAMES=1 cargo test --test pictures` draws them anew.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "support/heard.rs"]
mod heard;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/svg.rs"]
mod svg;
#[path = "support/tour.rs"]
mod tour;
#[path = "support/typed.rs"]
mod typed;

use std::path::PathBuf;
use std::{env, fs};

use cloud::Cloud;
use heard::Heard;
use journey::Journey;
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use phala_wizard::wizard::Start;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use tour::Tour;

const SIZE: (u16, u16) = (100, 30);

/// The walk, picture by picture: file, what it shows, and how far the walk is.
async fn walk() -> Vec<(&'static str, String)> {
    let mut pictures = Vec::new();
    let mut you = Tour::of("on-chain").await;
    let mut take = |name, title: &str, you: &Tour| {
        pictures.push((name, svg::picture(&you.frame(SIZE.0, SIZE.1), title)));
    };
    you.until("Variables it lets through").await;
    take("app", "Which app gets a new instance", &you);
    you.press("<enter><down>").await;
    take("node", "Where it runs", &you);
    you.press("<enter>").await;
    you.until("service  image").await;
    take("compose", "What it runs", &you);
    you.press("<enter>").await;
    take("env", "Which values its variables have", &you);
    you.press("<enter><enter>").await;
    take("review", "The plan, before anything is sent", &you);
    you.press("<enter>").await;
    you.until("NOT registered").await;
    take("chain", "What the contract still has to allow", &you);
    you.until("Everything is registered").await;
    you.press("<enter><right>").await;
    you.until("instances noted").await;
    take("commit", "The one confirmation", &you);
    you.press("<enter>").await;
    you.until("starting containers").await;
    take("boot", "The instance boots", &you);
    you.until("Running.").await;
    take("running", "The instance runs", &you);
    pictures
}

/// Signing in: whoever has no key yet, and the code that is approved elsewhere.
fn door() -> Vec<(&'static str, String)> {
    let cloud = Cloud {
        signed_in: false,
        ..Cloud::default()
    };
    let mut you = Journey::begin(cloud, Start::default());
    let mut pictures = Vec::new();
    let mut take = |name, title, you: &Journey| {
        let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        let theme = Theme::default();
        let draw = |frame: &mut ratatui::Frame| ui::draw(&you.wizard, &theme, frame);
        terminal.draw(draw).unwrap();
        let frame = terminal.backend().buffer();
        pictures.push((name, svg::picture(frame, title)));
    };
    you.settle().sees("How do you want to start?");
    take("door", "How do you want to start", &you);
    you.press("1").wait(3).sees("W X K D");
    take("browser", "A code to approve in a browser", &you);
    pictures
}

/// The first app of an empty workspace.
async fn first_app() -> Vec<(&'static str, String)> {
    let mut you = Tour::of("empty-workspace").await;
    you.until("has no apps yet").await;
    let start = svg::picture(&you.frame(SIZE.0, SIZE.1), "An empty workspace");
    you.press("1<enter><enter>").await;
    you.until("vCPU").await;
    let size = svg::picture(&you.frame(SIZE.0, SIZE.1), "How large, and what it costs");
    vec![("first-app", start), ("size", size)]
}

/// The beginning of a walk in plain lines.
async fn plain_lines() -> Vec<(&'static str, String)> {
    let mut you: Tour<Heard> = Tour::hears("on-chain").await;
    you.answers(&["1", "1"]).await;
    let said: Vec<&str> = you.face.transcript.lines().collect();
    let (rows, columns) = (said.len(), said.iter().map(|it| it.chars().count()).max());
    let size = |it: usize| u16::try_from(it).unwrap();
    let area = Rect::new(0, 0, size(columns.unwrap()), size(rows));
    let mut buffer = Buffer::empty(area);
    for (y, line) in (0..).zip(said) {
        buffer.set_string(0, y, line, Style::new());
    }
    let title = "The same walk in plain lines";
    vec![("plain-lines", svg::picture(&buffer, title))]
}

#[tokio::test]
async fn the_pictures_show_what_the_program_draws() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/frames");
    let mut pictures = Box::pin(walk()).await;
    pictures.extend(door());
    pictures.extend(Box::pin(first_app()).await);
    pictures.extend(Box::pin(plain_lines()).await);
    for (name, picture) in pictures {
        let path = folder.join(name).with_extension("svg");
        if env::var_os("UPDATE_FRAMES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &picture).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept.replace("\r\n", "\n") == picture,
            "assets/frames/{name}.svg is not what the program draws; `UPDATE_FRAMES=1 cargo test --test pictures` redraws it"
        );
    }
}

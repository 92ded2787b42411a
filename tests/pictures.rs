//! The pictures in the README: frames of one walk through the sandbox, drawn by the program.
//!
//! `UPDATE_FRAMES=1 cargo test --test pictures` draws them anew.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

#[path = "support/cloud.rs"]
mod cloud;
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

#[tokio::test]
async fn the_pictures_show_what_the_program_draws() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/frames");
    for (name, picture) in Box::pin(walk()).await {
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

//! Every way out of every screen: the terminal is given back as it was, and a terminal that goes away takes the program
//! with it.
//!
//! `TERMINAL=20` takes every way out of every screen that often; `TERMINAL=chain/quit` is one of them.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "a panic in a test is a message to us, and the harness is shared"
)]

#[path = "pty/harness.rs"]
mod harness;
#[path = "support/inside.rs"]
mod inside;
#[path = "terminal/screens.rs"]
mod screens;
#[path = "terminal/ways.rs"]
mod ways;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use screens::SCREENS;
use ways::WAYS;

/// Walks at the same time.
const AT_ONCE: usize = 6;

#[test]
fn every_way_out_of_every_screen_gives_the_terminal_back() {
    let wanted = env::var("TERMINAL").unwrap_or_default();
    let (times, name) = match wanted.parse::<usize>() {
        Ok(times) => (times, ""),
        Err(_) => (1, wanted.as_str()),
    };
    let pairs = SCREENS
        .iter()
        .flat_map(|screen| WAYS.iter().map(move |way| (screen, way)))
        .filter(|(screen, way)| format!("{}/{}", screen.name, way.name).starts_with(name));
    let pairs = vec![pairs.collect::<Vec<_>>(); times].concat();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let next = AtomicUsize::new(0);
    let wrong: Mutex<Vec<String>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((screen, way)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let walked = catch_unwind(AssertUnwindSafe(|| way.take(screen, &runtime)));
                    if walked.is_err() {
                        let name = format!("{}/{}", screen.name, way.name);
                        wrong.lock().unwrap().push(name);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let (screens, ways) = (SCREENS.len(), WAYS.len());
    eprintln!("{} walks: {screens} screens, {ways} ways out", pairs.len());
    assert!(wrong.is_empty(), "TERMINAL={}", wrong.join(", TERMINAL="));
}

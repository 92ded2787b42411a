//! A walk through every screen, with ten seconds of nothing on each; and a paste, and a storm of resizes.

use std::time::{Duration, Instant};

use super::World;
use super::process::{Work, kib};
use crate::harness::{Pty, Size};

/// Nothing is pressed for so long.
const IDLE: Duration = Duration::from_secs(10);

/// A screen's name, what is on it, and what leads on from there; nothing, where an instance has to boot first.
const WALK: [(&str, &str, &str); 8] = [
    ("apps", "Variables it lets through", "/kv-cache\r"),
    ("node", "prod18", "/prod15\r"),
    ("compose", "What should it run?", "\r"),
    ("env", "Which values shall", "\r"),
    ("script", "Script that runs", "\r"),
    ("review", "Nothing was sent yet", "\r"),
    ("confirmation", "noted", "\x1b[C\r"),
    ("running instance, its clock", "Running.", ""),
];

/// Prints the tables.
pub fn measure() {
    println!(
        "\n{:32} {:>9} {:>8} {:>7}",
        "idle for 10 s", "wake-ups", "CPU ms", "bytes"
    );
    let world = World::open("50");
    let (mut pty, pid) = world.wizard();
    for (name, words, keys) in WALK {
        pty.wait_for(words);
        // What is still on its way has come by then.
        quiet(&mut pty, Duration::from_secs(2));
        if name == "apps" {
            report(pid);
        }
        let (before, written) = (Work::of(pid), pty.raw().len());
        quiet(&mut pty, IDLE);
        let work = Work::of(pid).since(&before);
        println!(
            "{name:32} {:>9} {:>8.2} {:>7}",
            work.switches,
            work.cpu.as_secs_f64() * 1e3,
            pty.raw().len() - written,
        );
        pty.keys(keys);
    }
    report(pid);
}

fn report(pid: rustix::process::Pid) {
    let held = |name| kib(pid, "smaps_rollup", name).unwrap_or(0);
    println!("    RSS {} KiB, PSS {} KiB", held("Rss"), held("Pss"));
}

/// Takes in what comes for so long.
fn quiet(pty: &mut Pty, long: Duration) {
    let end = Instant::now() + long;
    while let Some(left) = end.checked_duration_since(Instant::now())
        && pty.take_in(left)
    {}
}

/// What comes all at once.
pub fn shocks() {
    println!();
    let world = World::open("50");
    let (mut pty, pid) = world.wizard();
    for (_, words, keys) in &WALK[..2] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    pty.wait_for("What should it run?");
    // The live file is read first.
    quiet(&mut pty, Duration::from_secs(2));
    pty.keys("3");
    pty.wait_for("The compose file");
    quiet(&mut pty, Duration::from_secs(1));
    for (size, words) in [(64, "# the end"), (300, "256 KiB at most")] {
        let line = "# a line of a compose file that somebody pasted\n";
        let text = line.repeat(size * 1024 / line.len()) + "# the end";
        let before = Work::of(pid);
        pty.paste(&text);
        pty.wait_for(words);
        quiet(&mut pty, Duration::from_millis(500));
        let work = Work::of(pid).since(&before);
        let took = work.cpu.as_secs_f64() * 1e3;
        println!("paste of {size} KiB: {took:.2} ms of CPU");
    }
    // A frame of another size begins with an empty screen.
    let frames =
        |pty: &Pty| pty.raw().matches("\x1b[2J").count() + pty.raw().matches("\x1b[J").count();
    let before = frames(&pty);
    for round in 0..200 {
        pty.resize(Size(100 + round % 20, 40 - round % 10));
    }
    quiet(&mut pty, Duration::from_secs(1));
    println!("200 resizes: {} frames (limit 5)", frames(&pty) - before);
}

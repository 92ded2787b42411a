//! The program in a real terminal: it starts, and on every way out gives back what it took.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic here is a message to us"
)]

#[path = "pty/harness.rs"]
mod harness;
#[path = "pty/looks.rs"]
mod looks;
#[path = "pty/probe.rs"]
mod probe;
#[path = "support/service.rs"]
mod service;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
#[cfg(target_os = "linux")]
use std::thread;
#[cfg(target_os = "linux")]
use std::time::Duration;

use harness::{End, Program, Pty, Size};
use rustix::process::Signal;
use service::Service;

/// A key that every page offers.
const FIRST_PAGE: &str = "Ctrl-C leave";

/// What is left in the scrollback by someone who never signed in, and its exit code.
const NEVER_SIGNED_IN: &str = "Not signed in";
const SIGNED_OUT: End = End::Code(3);

fn wizard() -> Pty {
    let mut pty = Pty::start(Size::USUAL, &Program::new(&[]));
    pty.wait_for(FIRST_PAGE);
    pty
}

#[test]
fn ctrl_c_leaves_and_gives_the_terminal_back() {
    let mut pty = wizard();
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
    pty.assert_given_back();
    assert!(pty.screen().contains(NEVER_SIGNED_IN), "{}", pty.screen());
    assert!(!pty.screen().contains(FIRST_PAGE), "{}", pty.screen());
}

#[test]
fn a_signal_to_leave_is_answered_with_a_receipt() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = wizard();
        pty.signal(signal);
        assert_eq!(pty.wait_for_end(), SIGNED_OUT, "{signal:?}");
        pty.assert_given_back();
        assert!(pty.screen().contains(NEVER_SIGNED_IN), "{}", pty.screen());
    }
}

#[test]
fn sigquit_ends_at_once_and_gives_the_terminal_back() {
    let mut pty = wizard();
    pty.signal(Signal::QUIT);
    let end = pty.wait_for_end();
    assert!(
        matches!(&end, End::Signal(name) if name.starts_with("Quit")),
        "{end:?}"
    );
    pty.assert_given_back();
}

#[test]
fn whoever_does_not_leave_when_asked_is_ended() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start("whoever_does_not_leave_when_asked_is_ended", &[]);
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end(), End::Signal("Terminated".into()));
    pty.assert_given_back();
}

#[test]
fn a_panic_is_read_where_the_shell_was() {
    if probe::ran() {
        return;
    }
    for (key, text) in [
        ("p", "the probe was told to"),
        ("t", "the task was told to"),
    ] {
        let mut pty = probe::start("a_panic_is_read_where_the_shell_was", &[]);
        pty.keys(key);
        assert_eq!(pty.wait_for_end(), End::Code(101));
        pty.assert_given_back();
        let screen = pty.screen();
        assert!(screen.contains(text), "{screen}");
        assert!(screen.contains("a bug in phala-wizard"), "{screen}");
        assert!(!screen.contains(probe::READY), "{screen}");
        let report = pty
            .home()
            .join(".local/state/phala-wizard/reports/report.txt");
        let report = std::fs::read_to_string(report).expect("a report");
        assert!(report.contains("place     probe.rs:"), "{report}");
        assert!(pty.raw().contains("reports/report.txt"), "{screen}");
        assert!(screen.contains("/phala-wizard/issues"), "{screen}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_fg() {
    let script = "set -m; \"$0\"; echo it stopped; read answer; fg; echo it ended with $?";
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let mut pty = Pty::start(Size::USUAL, &Program::other("sh", &["-c", script, wizard]));
    pty.wait_for(FIRST_PAGE);
    pty.keys("\x1a");
    pty.wait_for("it stopped");
    pty.assert_given_back();
    pty.keys("\r");
    pty.wait_for(FIRST_PAGE);
    pty.keys("\x03");
    pty.wait_for("it ended with 3");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn without_a_shell_to_continue_it_ctrl_z_does_not_stop_it() {
    let mut pty = wizard();
    pty.keys("\x1a\x03");
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
}

#[test]
fn a_closed_window_ends_it() {
    let mut pty = wizard();
    pty.hang_up();
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
}

/// In a session of its own it gets no SIGHUP, and it has nothing to draw: only the terminal itself can tell it.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_window_ends_it_even_where_nobody_says_so() {
    if probe::ran() {
        return;
    }
    let script = "trap '' HUP; setsid -w \"$0\" \"$@\"; echo $? > ended";
    let name = "a_closed_window_ends_it_even_where_nobody_says_so";
    let mut pty = probe::start_by(script, name, &[]);
    pty.hang_up();
    assert_eq!(pty.wait_for_end(), End::Code(0));
    let code = fs::read_to_string(pty.home().join("ended")).unwrap();
    assert_eq!(code, format!("{}\n", probe::TERMINAL_GONE));
}

/// Nothing moves on the probe, so nothing may run: no thread of it is woken.
#[cfg(target_os = "linux")]
#[test]
fn a_screen_that_does_not_move_wakes_nobody() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start("a_screen_that_does_not_move_wakes_nobody", &[]);
    pty.keys("x");
    pty.wait_for("key x");
    let threads = || {
        let tasks = format!("/proc/{}/task", pty.pid().as_raw_nonzero());
        let tasks = fs::read_dir(tasks)
            .unwrap()
            .map(|task| task.unwrap().path());
        let status = tasks.map(|task| fs::read_to_string(task.join("status")).unwrap());
        status.collect::<Vec<_>>().concat()
    };
    // It may still be falling asleep; but if it never sleeps for longer than a second, something ticks.
    let slept = (0..8).any(|_| {
        let before = threads();
        thread::sleep(Duration::from_millis(1200));
        threads() == before
    });
    assert!(slept, "{}", threads());
}

#[test]
fn a_new_size_is_drawn() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start("a_new_size_is_drawn", &[]);
    pty.wait_for("80 by 24");
    for size in [Size(120, 40), Size(40, 12), Size(3, 1), Size(100, 30)] {
        pty.resize(size);
        if size.0 > 10 {
            pty.wait_for(&format!("{} by {}", size.0, size.1));
        }
    }
    pty.keys("q");
    pty.wait_for_end();
    pty.assert_given_back();
}

#[test]
fn a_paste_is_one_text_with_brackets_and_without() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start("a_paste_is_one_text_with_brackets_and_without", &[]);
    // More than crossterm reads at once, so that a part could be left lying; `q` in it must not quit.
    pty.paste(&"q".repeat(3001));
    pty.wait_for("pasted 3001");
    pty.keys(&"q".repeat(3002));
    pty.wait_for("pasted 3002");
    pty.keys("x");
    pty.wait_for("key x");
    pty.keys("q");
    assert_eq!(pty.wait_for_end(), End::Code(0));
}

#[test]
fn an_editor_has_the_terminal_to_itself() {
    if probe::ran() {
        return;
    }
    let editor = r#"sh -c 'echo editor is open; read line; echo "$line" >> "$0"'"#;
    let mut pty = probe::start(
        "an_editor_has_the_terminal_to_itself",
        &[("EDITOR", editor)],
    );
    for line in ["quite so", "pqt"] {
        pty.keys("e");
        pty.wait_for("editor is open");
        pty.assert_given_back();
        pty.keys(&format!("{line}\r"));
        pty.wait_for(&format!("became \"before\\n{line}\\n\""));
    }
    pty.keys("q");
    pty.wait_for("probe has left");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn a_pager_gets_the_text_through_a_pipe_and_has_the_terminal_to_itself() {
    if probe::ran() {
        return;
    }
    let name = "a_pager_gets_the_text_through_a_pipe_and_has_the_terminal_to_itself";
    let pager = r#"sh -c 'cat; echo pager is open; read line < /dev/tty; echo "$line" > answer'"#;
    let mut pty = probe::start(name, &[("PAGER", pager)]);
    for line in ["quite so", "pqt"] {
        pty.keys("v");
        pty.wait_for("pager is open");
        pty.assert_given_back();
        let screen = pty.screen();
        assert!(screen.contains("first\nsecond \\u{1b}[31m"), "{screen}");
        pty.keys(&format!("{line}\r"));
        pty.wait_for("paged Ok(())");
        let answer = fs::read_to_string(pty.home().join("answer")).unwrap();
        assert_eq!(answer, format!("{line}\n"));
    }
    pty.keys("q");
    pty.wait_for("probe has left");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn who_looks_elsewhere_is_told_and_who_looks_is_not() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start("who_looks_elsewhere_is_told_and_who_looks_is_not", &[]);
    let note = format!("\x07\x1b]9;phala-wizard: {}\x07", probe::OVER);
    // A terminal that says nothing, one that is looked at, and one that is not any more.
    for (at, (focus, notes)) in [("", 1), ("\x1b[I", 1), ("\x1b[O", 2)]
        .into_iter()
        .enumerate()
    {
        pty.keys(focus);
        pty.keys("a");
        let said = format!("told {}", at + 1);
        pty.wait_until(&said, |pty| pty.screen().contains(&said));
        let raw = pty.raw();
        assert_eq!(raw.matches(&note).count(), notes, "{focus:?}: {raw:?}");
    }
    pty.keys("q");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn the_window_has_a_title_once_and_the_one_of_before_comes_back() {
    if probe::ran() {
        return;
    }
    let name = "the_window_has_a_title_once_and_the_one_of_before_comes_back";
    let mut pty = probe::start(name, &[("EDITOR", "true")]);
    let title = format!("\x1b]2;{}\x07", probe::TITLE);
    pty.keys("xy");
    pty.wait_for("key y");
    let raw = pty.raw();
    assert_eq!(raw.matches(&title).count(), 1, "{raw:?}");
    assert!(raw.contains(&format!("\x1b[22;0t{title}")), "{raw:?}");
    assert!(!raw.contains("\x1b[23;0t"), "{raw:?}");
    // Lent in between, it has its own title meanwhile.
    pty.keys("e");
    pty.wait_for("became");
    pty.keys("q");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
    let raw = pty.raw();
    assert_eq!(raw.matches(&title).count(), 2, "{raw:?}");
    assert_eq!(raw.matches("\x1b[23;0t").count(), 2, "{raw:?}");
}

#[test]
fn what_the_configuration_switches_off_is_not_sent() {
    let settings = "mkdir -p .config/phala-wizard; echo \"[alert]\ntitle = $1\" > .config/phala-wizard/config.toml";
    let script = format!("{settings}; exec \"$0\"");
    for (title, sent) in [("false", false), ("true", true)] {
        let wizard = env!("CARGO_BIN_EXE_phala-wizard");
        let program = Program::other("sh", &["-c", &script, wizard, title]);
        let mut pty = Pty::start(Size::USUAL, &program);
        pty.wait_for(FIRST_PAGE);
        pty.keys("\x03");
        assert_eq!(pty.wait_for_end(), SIGNED_OUT);
        pty.assert_given_back();
        let raw = pty.raw();
        assert_eq!(raw.contains("\x1b]2;phala-wizard\x07"), sent, "{raw:?}");
        assert_eq!(raw.contains("\x1b[22;0t"), sent, "{raw:?}");
    }
}

#[test]
fn without_a_screen_of_its_own_the_last_frame_stays() {
    let mut pty = Pty::start(Size::USUAL, &Program::new(&["--no-alt-screen"]));
    pty.wait_for(FIRST_PAGE);
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
    assert!(!pty.raw().contains("\x1b[?1049"), "{}", pty.raw());
    let screen = pty.screen();
    assert!(screen.contains(FIRST_PAGE), "{screen}");
    assert!(screen.contains(NEVER_SIGNED_IN), "{screen}");
}

#[test]
fn the_sandbox_is_reached_over_its_own_port_and_marked() {
    let program =
        Program::new(&["--sandbox", "on-chain"]).with("PHALA_CLOUD_API_KEY", "phak_not_for_it");
    let mut pty = Pty::start(Size::USUAL, &program);
    pty.wait_for("orders-api");
    assert!(pty.screen().contains("SANDBOX"), "{}", pty.screen());
    pty.keys("\x03");
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), End::Code(130));
    pty.assert_given_back();
}

#[test]
fn without_a_terminal_it_says_so_and_ends() {
    let run = |input: Stdio| {
        Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
            .stdin(input)
            .output()
            .unwrap()
    };
    let output = run(Stdio::null());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("the keyboard is not a terminal"), "{words}");
}

#[test]
fn a_pipe_behind_it_is_no_terminal_either() {
    let script = "\"$0\" | cat; echo done";
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let mut pty = Pty::start(Size::USUAL, &Program::other("sh", &["-c", script, wizard]));
    pty.wait_for("done");
    assert!(pty.screen().contains("the output is not a terminal"));
    assert!(!pty.raw().contains('\x1b'), "{}", pty.raw());
}

#[test]
fn a_dumb_terminal_gets_a_sentence_and_no_escape_sequence() {
    // By itself it gets plain lines.
    let program = Program::new(&["--accessible=off"]).with("TERM", "dumb");
    let mut pty = Pty::start(Size::USUAL, &program);
    assert_eq!(pty.wait_for_end(), End::Code(2));
    assert!(pty.screen().contains("TERM=dumb"), "{}", pty.screen());
    assert!(!pty.raw().contains('\x1b'), "{}", pty.raw());
}

#[test]
fn a_key_is_asked_for_where_it_is_not_seen() {
    let program =
        Program::new(&["login", "--manual"]).with("PHALA_CLOUD_API_PREFIX", "http://127.0.0.1:1");
    let mut pty = Pty::start(Size::USUAL, &program);
    pty.wait_for("API key");
    pty.assert_unseen();
    // Typed before the question this is what Enter becomes.
    pty.keys("\nphak_seen\n");
    pty.wait_for("9 characters");
    assert_eq!(pty.wait_for_end(), End::Code(1), "{}", pty.screen());
    assert!(!pty.raw().contains("phak_seen"), "{}", pty.raw());
}

#[test]
fn help_and_version_need_no_terminal() {
    for (option, text) in [
        ("--help", "--sandbox"),
        ("-h", "Exit codes"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_phala-wizard"))
            .arg(option)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let words = String::from_utf8(output.stdout).unwrap();
        assert!(words.contains(text), "{words}");
        assert!(!words.contains('\x1b'), "{words}");
    }
}

#[test]
fn the_help_has_colours_where_they_are_seen_and_fits_a_narrow_terminal() {
    let shown = |columns, variables: &[(&str, &str)]| {
        let mut program = Program::new(&["--help"]);
        for (name, value) in variables {
            program = program.with(name, value);
        }
        let mut pty = Pty::start(Size(columns, 30), &program);
        assert_eq!(pty.wait_for_end(), End::Code(0));
        pty.raw()
    };
    let (wide, narrow) = (shown(80, &[]), shown(40, &[]));
    assert!(wide.contains("\x1b[1m") && narrow.contains("\x1b[1m"));
    let lines = |page: &str| page.lines().count();
    assert!(lines(&narrow) > lines(&wide), "{narrow}");
    assert_eq!(lines(&shown(200, &[])), lines(&wide));
    let plain = shown(80, &[("NO_COLOR", "1")]);
    assert!(plain.contains("Exit codes:") && !plain.contains('\x1b'));
}

#[test]
fn a_whole_deployment_is_typed_and_ends_with_a_receipt() {
    let program = Program::new(&["--sandbox", "on-chain", "--speed", "200"]);
    let mut pty = Pty::start(Size(100, 30), &program);
    for (words, keys) in [
        ("Variables it lets through", "\r"),
        ("Where should it run?", "\r"),
        ("service  image", "\r"),
        ("Which values shall", "\r"),
        ("Script that runs", "\r"),
        ("Nothing was sent yet", "\r"),
        ("noted", "\x1b[C\r"),
        ("Running.", "\x03"),
        ("> Stay <", "\x03"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
    assert!(pty.screen().contains("uuid"), "{}", pty.screen());
}

/// Types a deployment of the app's only revision until these words of its boot are on the screen.
fn deploys(pty: &mut Pty, words: &str) {
    for (words, keys) in [
        ("status-page", "/kv-cache\r"),
        ("prod18", "/prod15\r"),
        ("What should it run?", "\r"),
        ("Which values shall", "\r"),
        ("Script that runs", "\r"),
        ("Nothing was sent yet", "\r"),
        ("noted", "\x1b[C\r"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    pty.wait_for(words);
}

/// A deployment that boots and boots, so that there is time to look away from it.
fn boots_for_ever() -> Pty {
    let program = Program::new(&["--sandbox", "boot-stalls", "--speed", "50"]);
    let mut pty = Pty::start(Size(100, 30), &program);
    deploys(&mut pty, "starting containers");
    pty
}

#[test]
fn told_to_leave_during_a_boot_it_says_what_goes_on_without_it() {
    for signal in [Signal::TERM, Signal::HUP] {
        let mut pty = boots_for_ever();
        pty.signal(signal);
        assert_eq!(pty.wait_for_end(), End::Code(8), "{signal:?}");
        pty.assert_given_back();
        let screen = pty.screen();
        assert!(screen.contains("not yet known to run"), "{screen}");
        assert!(screen.contains("phala logs --cvm-id"), "{screen}");
    }
}

#[test]
fn a_window_closed_during_a_boot_ends_it_as_a_signal_does() {
    let mut pty = boots_for_ever();
    pty.hang_up();
    assert_eq!(pty.wait_for_end(), End::Code(8));
}

#[test]
fn stopped_during_a_boot_it_goes_on_watching_after_fg() {
    let script = "set -m; \"$0\" \"$@\"; echo it stopped; read answer; fg; echo it ended with $?";
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let sandbox = ["--sandbox", "boot-stalls", "--speed", "50"];
    let arguments = [&["-c", script, wizard], &sandbox[..]].concat();
    let mut pty = Pty::start(Size(100, 30), &Program::other("sh", &arguments));
    deploys(&mut pty, "starting containers");
    pty.keys("\x1a");
    pty.wait_for("it stopped");
    pty.assert_given_back();
    pty.keys("\r");
    pty.wait_for("starting containers");
    pty.keys("\x03\x03");
    pty.wait_for("it ended with 8");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn every_size_on_the_way_shows_where_it_is() {
    let program = Program::new(&["--sandbox", "boot-stalls", "--speed", "50"]);
    let mut pty = Pty::start(Size(100, 30), &program);
    pty.wait_for("Variables it lets through");
    is_seen_at(
        &mut pty,
        &[
            (Size(80, 24), "Which app gets"),
            (Size(40, 12), "1 of 9"),
            (Size(20, 5), "too small"),
            (Size(40, 12), "1 of 9"),
            (Size(100, 30), "Variables it lets through"),
        ],
    );
    deploys(&mut pty, "starting containers");
    is_seen_at(
        &mut pty,
        &[
            (Size(80, 24), "starting containers for"),
            (Size(40, 12), "9 of 9"),
            (Size(20, 5), "too small"),
            (Size(100, 30), "starting containers for"),
        ],
    );
    pty.keys("\x03\x03");
    assert_eq!(pty.wait_for_end(), End::Code(8));
    pty.assert_given_back();
}

/// Gives the window these sizes, one after the other, and waits each time for a whole screen with these words on it:
/// from the header in the first row to the keys in the last one, and nothing of the size before.
fn is_seen_at(pty: &mut Pty, sizes: &[(Size, &str)]) {
    for (size, words) in sizes {
        pty.resize(*size);
        pty.wait_until(&format!("{words} in {size:?}"), |pty| {
            let rows = pty.rows();
            let (first, last) = (&rows[0], &rows[rows.len() - 1]);
            let whole = first.contains("SANDBOX") && last.ends_with("keys");
            pty.screen().contains(words) && (whole || *words == "too small")
        });
    }
}

#[test]
fn no_color_means_not_one_colour() {
    for (value, expected) in [("", true), ("1", false)] {
        let program =
            Program::new(&["--sandbox", "boot-fails", "--speed", "200"]).with("NO_COLOR", value);
        let mut pty = Pty::start(Size(100, 30), &program);
        deploys(&mut pty, "It did not come up.");
        pty.keys("\x03\x03");
        assert_eq!(pty.wait_for_end(), End::Code(8));
        assert_eq!(has_colour(&pty.raw()), expected, "NO_COLOR={value}");
    }
}

/// The colours that a text is written in, by their codes.
fn colours(raw: &str) -> impl Iterator<Item = u16> {
    let sequences = raw.split("\x1b[").skip(1);
    let graphics = sequences.filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        rest[end..].starts_with('m').then_some(&rest[..end])
    });
    graphics
        .flat_map(|numbers| numbers.split(';'))
        .filter_map(|number| number.parse().ok())
        .filter(|number| matches!(number, 30..=38 | 40..=48 | 90..=107))
}

fn has_colour(raw: &str) -> bool {
    colours(raw).next().is_some()
}

/// Nobody has to bring a key for a walk through the sandbox.
#[test]
fn the_sandbox_lends_the_key_of_the_contract_s_owner() {
    let program = Program::new(&["--sandbox", "own-key", "--speed", "300"]);
    let mut pty = Pty::start(Size::USUAL, &program);
    for (words, keys) in [
        ("orders-api", "/orders-api\r"),
        ("Where should it run?", "/prod9\r"),
        ("What should it run?", "\r"),
        ("Which values shall", "\r"),
        ("Script that runs", "\r"),
        ("Nothing was sent yet", "\r"),
        ("a key of this machine that owns it", "1"),
        ("the sandbox's test account", "1"),
        ("to sign, type the last 4", ""),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    let screen = pty.screen();
    assert!(
        screen.contains("simulated: the contract takes it"),
        "{screen}"
    );
    // Both stand there whole: the device, which alone is missing, and the hash whose end is typed.
    let rows = pty.rows();
    let words = rows.iter().filter_map(|row| row.trim().strip_prefix("0x"));
    let whole: Vec<&str> = words.filter(|digits| digits.len() == 64).collect();
    let [_device, hash] = whole[..] else {
        panic!("{screen}");
    };
    let ending = &hash[60..];
    for (words, keys) in [
        ("to sign, type the last 4", &format!("{ending}\r")[..]),
        ("Everything is registered", "\r"),
        ("noted", "\x1b[C\r"),
        ("Running.", "\x03\x03"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    assert_eq!(pty.wait_for_end(), End::Code(0));
    pty.assert_given_back();
}

#[test]
fn a_value_and_a_key_are_on_no_screen_and_in_no_other_file() {
    let (value, key) = ("canary-7be0a5d1-in-a-file", "phak_sandbox_canary_52c1d0");
    let arguments = ["--listen", "127.0.0.1:0", "--scenario", "central-kms"];
    let arguments = [&arguments[..], &["--speed", "200", "--api-key", key]].concat();
    let service = Service::start(&arguments, Stdio::null());
    let program = Program::new(&[])
        .with("PHALA_CLOUD_API_PREFIX", service.text("url"))
        .with("PHALA_CLOUD_API_KEY", key)
        .with("TMPDIR", ".");
    let mut pty = Pty::start(Size(100, 30), &program);
    let file = pty.home().join("canary.env");
    fs::write(&file, format!("MAX_MEMORY=1gb\nCACHE_PASSWORD={value}\n")).unwrap();
    for (words, keys) in [
        ("status-page", "/kv-cache\r"),
        ("prod18", "/prod15\r"),
        ("What should it run?", "\r"),
        ("Which values shall", "2"),
        ("canary.env", "\r"),
        ("set all anew", "\r"),
        ("Script that runs", "\r"),
        ("Nothing was sent yet", "\r"),
        ("noted", "\x1b[C\r"),
        ("Running.", "\x03\x03"),
    ] {
        pty.wait_for(words);
        pty.keys(keys);
    }
    assert_eq!(pty.wait_for_end(), End::Code(0));
    // Pieces, because a column cuts a long text and a page wraps it. `phak_sandb` is what any such key begins with.
    let raw = pty.raw();
    for secret in [value, &key["phak_sandb".len()..]] {
        for at in 0..=secret.len() - 10 {
            let piece = &secret[at..at + 10];
            assert!(!raw.contains(piece), "{piece} is in {raw}");
        }
    }
    fs::remove_file(&file).unwrap();
    let state = pty.home().join(".local/state/phala-wizard");
    let names = pty.home().join(".cache/phala-wizard/names.json");
    for path in files_below(pty.home()) {
        let is_known = path.starts_with(&state) || path == names;
        assert!(is_known, "{} is left", path.display());
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&text);
        for secret in [
            value,
            &key["phak_sandb".len()..],
            "commit_token\":\"",
            "54ce",
        ] {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
    }
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// An answer that talks to the terminal is shown as text: no title, no clipboard, no bell, no C1 byte.
#[test]
fn names_made_for_terminals_do_nothing_to_one() {
    // With a theme of its choice it asks the terminal nothing.
    let program = Program::new(&["--sandbox", "hostile-names", "--theme", "dark"]);
    let mut pty = Pty::start(Size(100, 30), &program);
    pty.wait_for(r"\u{1b}[31mred");
    pty.keys("\x1b[B");
    pty.wait_for(r"\u{1b}]52;c;aGk=\u{7}clip");
    pty.keys("\x03\x03");
    assert_eq!(pty.wait_for_end(), End::Code(130));
    pty.assert_given_back();
    // Our own titles say in fixed words where it stands.
    let raw = without_titles(&pty.raw());
    let obeyed = ["\x1b]", "\x1b[5n", "\x07", "\u{9b}", "\u{202e}"];
    let found = obeyed.iter().find(|bytes| raw.contains(**bytes));
    assert_eq!(found, None);
}

/// The same without what names the window, which must begin with our own name.
fn without_titles(raw: &str) -> String {
    let mut parts = raw.split("\x1b]2;phala-wizard");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sum, part| {
        let (title, rest) = part.split_once('\x07').expect("the end of a title");
        assert!(title.len() < 30, "{title:?}");
        sum + rest
    })
}

#[test]
fn answers_are_saved_and_written_over_only_after_a_look_and_a_yes() {
    let mut pty = Pty::start(Size(100, 30), &Program::new(&["--sandbox", "on-chain"]));
    pty.wait_for("orders-api");
    pty.keys("\r");
    pty.wait_for("Where should it run?");
    pty.keys("a");
    pty.wait_for("What should it run?");
    pty.keys("\r");
    pty.wait_for("Which values shall its variables have?");
    pty.keys("\r");
    pty.wait_for("Enter review");
    pty.keys("\r");
    pty.wait_for("Nothing was sent yet");
    let path = pty.home().join("phala-wizard.toml");
    pty.keys("w");
    pty.wait_for("Save the answers");
    pty.keys("\r");
    pty.wait_for("New: ./phala-wizard.toml");
    assert!(!path.exists(), "it was written before it was seen");
    pty.keys("\r");
    pty.wait_for("the answers are in ./phala-wizard.toml");
    let first = std::fs::read_to_string(&path).unwrap();
    assert!(first.contains("\nnode = \"auto\"\n"), "{first}");

    std::fs::write(&path, "# mine\n").unwrap();
    pty.keys("w\r");
    pty.wait_for("Write over it?");
    pty.keys("\r");
    pty.wait_for("Save the answers");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
    pty.keys("\r");
    pty.wait_for("- # mine");
    std::fs::write(&path, "# somebody was faster\n").unwrap();
    pty.keys("\x1b[C\r");
    pty.wait_for("has another text than when you looked");
    pty.keys("\r");
    pty.wait_for("- # somebody was faster");
    pty.keys("\x1b[C\r");
    pty.wait_for("the answers are in");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    pty.keys("\x03");
    pty.wait_for("Leave?");
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), End::Code(130));
    pty.assert_given_back();
}

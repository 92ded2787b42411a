//! The plain lines in a real terminal: what is sent to it, what it shows of what is typed, and how it is given back.

use std::fs;
use std::process::Stdio;

use rustix::process::Signal;

use crate::harness::{End, Program, Pty, Size};
use crate::service::Service;

const QUIT: &str = "Type \"help\" at any question";

fn plain(arguments: &[&str]) -> Pty {
    Pty::start(
        Size(200, 60),
        &Program::new(arguments).with("ACCESSIBLE", "1"),
    )
}

/// Waits for this after what was there before, and types a line.
fn answer(pty: &mut Pty, steps: &[(&str, &str)]) {
    for (words, line) in steps {
        pty.wait_for(words);
        pty.keys(&format!("{line}\n"));
    }
}

/// Nothing that moves a cursor, sets a colour or a mode: letters, line ends and a bell at most.
fn assert_plain(pty: &Pty) {
    let raw = pty.raw();
    let odd = raw
        .chars()
        .find(|c| c.is_control() && !"\r\n\x07".contains(*c));
    assert_eq!(odd, None, "{raw:?}");
}

#[test]
fn the_first_line_says_that_they_are_on_and_by_what() {
    let ways: [(&[&str], &str, &str, &str); 4] = [
        (&[], "ACCESSIBLE", "1", "because ACCESSIBLE is set"),
        (&[], "TERM", "dumb", "because this terminal (TERM=dumb)"),
        (
            &["--accessible"],
            "ACCESSIBLE",
            "0",
            "because --accessible asks",
        ),
        (
            &["--accessible=on"],
            "TERM",
            "dumb",
            "because --accessible asks",
        ),
    ];
    for (arguments, name, value, why) in ways {
        let mut pty = Pty::start(Size(100, 30), &Program::new(arguments).with(name, value));
        pty.wait_for(QUIT);
        let screen = pty.screen();
        assert!(screen.lines().next().unwrap().contains(why), "{screen}");
        pty.keys("\x03");
        pty.wait_for_end();
        assert_plain(&pty);
    }
}

#[test]
fn off_is_off_and_a_terminal_that_can_do_no_screen_says_so() {
    let program = Program::new(&["--accessible=off"]).with("ACCESSIBLE", "1");
    let mut pty = Pty::start(Size::USUAL, &program);
    pty.wait_for("Ctrl-C leave");
    pty.keys("\x03");
    pty.wait_for_end();
    pty.assert_given_back();
    let program = Program::new(&["--accessible=off"]).with("TERM", "dumb");
    let mut pty = Pty::start(Size::USUAL, &program);
    assert_eq!(pty.wait_for_end(), End::Code(2));
    assert!(pty.screen().contains("TERM=dumb"), "{}", pty.screen());
}

#[test]
fn the_setting_turns_them_on_and_the_option_off() {
    let program = Program::new(&[]);
    for (arguments, words) in [
        (&[][..], "config.toml says accessible = true"),
        (&["--accessible=off"][..], "Ctrl-C leave"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("phala-wizard");
        fs::create_dir(&config).unwrap();
        fs::write(config.join("config.toml"), "accessible = true\n").unwrap();
        let program =
            Program::new(arguments).with("XDG_CONFIG_HOME", &folder.path().display().to_string());
        let mut pty = Pty::start(Size(100, 30), &program);
        pty.wait_for(words);
        pty.keys("\x03");
        pty.wait_for_end();
    }
    drop(program);
}

#[test]
fn no_input_asks_nothing_and_names_what_does_it() {
    for (arguments, instead) in [
        (&["--no-input"][..], "phala-wizard deploy --app APP"),
        (
            &["resume", "7d1c", "--no-input"][..],
            "phala-wizard commit --id 7d1c",
        ),
        (
            &["watch", "it", "--no-input"][..],
            "phala-wizard watch INSTANCE --lines",
        ),
    ] {
        let mut pty = Pty::start(Size(120, 30), &Program::new(arguments));
        assert_eq!(pty.wait_for_end(), End::Code(2), "{arguments:?}");
        assert!(pty.screen().contains(instead), "{}", pty.screen());
        assert_plain(&pty);
    }
}

#[test]
fn a_whole_walk_sends_no_escape_byte() {
    let mut pty = plain(&["--sandbox", "already-registered", "--speed", "300"]);
    answer(
        &mut pty,
        &[
            ("Default 1, orders-api", "1"),
            ("Default 1, prod5", "prod5"),
            ("What should it run?", ""),
            ("Which values shall", ""),
            ("Default review", ""),
            ("Default prepare", ""),
            ("instances noted", "2"),
            ("Type yes to do it", "yes"),
            ("Running.", "logs"),
            ("Page Logs", "more 3"),
            (" Container dstack-", "quit"),
            ("Leave?", "leave"),
        ],
    );
    assert_eq!(pty.wait_for_end(), End::Code(0));
    assert!(pty.screen().contains("watch again"), "{}", pty.screen());
    assert_plain(&pty);
}

/// By its rule, so that the machine needs no file of zones.
#[test]
fn times_are_told_in_the_zone_of_the_variable_and_in_utc_without_one_that_can_be_read() {
    for (zone, name) in [("HERE-5:30", "HERE"), ("no such/zone", "UTC")] {
        let program = Program::new(&["--accessible", "--sandbox", "on-chain"]).with("TZ", zone);
        let mut pty = Pty::start(Size(200, 60), &program);
        answer(&mut pty, &[("Default 1, orders-api", "facts")]);
        pty.wait_for(&format!(" {name}"));
        let screen = pty.screen();
        let line = screen.lines().find(|line| line.starts_with("created: 20"));
        assert!(line.is_some_and(|line| line.ends_with(name)), "{screen}");
        pty.keys("quit\n");
        answer(&mut pty, &[("Leave?", "leave")]);
        pty.wait_for_end();
    }
}

#[test]
fn a_key_and_a_value_are_typed_unseen_and_the_terminal_shows_typing_again() {
    let (value, key) = ("canary-7be0a5d1-typed", "phak_sandbox_canary_52c1d0");
    let arguments = ["--listen", "127.0.0.1:0", "--scenario", "central-kms"];
    let arguments = [&arguments[..], &["--speed", "200", "--api-key", key]].concat();
    let service = Service::start(&arguments, Stdio::null());
    let program = Program::new(&["--accessible"])
        .with("PHALA_CLOUD_API_PREFIX", service.text("url"))
        .with("TERM", "dumb");
    let mut pty = Pty::start(Size(200, 60), &program);
    answer(
        &mut pty,
        &[
            ("Paste an API key", "2"),
            ("API key, not shown", key),
            ("Where shall the key be kept?", "3"),
        ],
    );
    pty.wait_for("Which app gets a new instance?");
    answer(&mut pty, &[("status-page", "kv-cache")]);
    pty.wait_for("Where should it run?");
    answer(
        &mut pty,
        &[
            ("Default 1, prod", "prod15"),
            ("What should it run?", ""),
            ("Which values shall", "3"),
            ("set all anew", "add"),
            ("Name, or", "CACHE_PASSWORD"),
            ("Value, not shown", value),
            ("characters, used by", "quit"),
            ("Leave?", "2"),
        ],
    );
    pty.wait_for_end();
    assert_plain(&pty);
    let raw = pty.raw();
    for secret in [value, &key["phak_sandb".len()..]] {
        for at in 0..=secret.len() - 10 {
            let piece = &secret[at..at + 10];
            assert!(!raw.contains(piece), "{piece} is in {raw}");
        }
    }
    assert!(
        raw.contains("add"),
        "what is no secret is shown while it is typed"
    );
}

/// Whatever ends it while nothing that is typed is shown, the line settings are those of before.
#[test]
fn a_hidden_line_is_given_up_by_any_signal_and_typing_is_shown_again() {
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut pty = plain(&[]);
        answer(&mut pty, &[("Paste an API key", "2")]);
        pty.wait_for("API key, not shown");
        pty.signal(signal);
        // This compares them.
        pty.wait_for_end();
        assert_plain(&pty);
    }
}

#[test]
fn ctrl_c_asks_in_words_and_once_more_leaves() {
    let mut pty = plain(&["--sandbox", "on-chain"]);
    pty.wait_for("Default 1, orders-api");
    pty.keys("\x03");
    pty.wait_for("Ctrl-C again leaves at once");
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), End::Code(130));
    assert!(
        pty.screen().contains("Nothing was created"),
        "{}",
        pty.screen()
    );
    let mut pty = plain(&["--sandbox", "on-chain"]);
    pty.wait_for("Default 1, orders-api");
    // The end of what is typed asks too.
    pty.keys("\x04");
    pty.wait_for("Default 1, Stay");
    pty.keys("\x04");
    assert_eq!(pty.wait_for_end(), End::Code(130));
}

#[test]
fn an_instance_is_watched_and_the_door_offers_plain_lines() {
    let mut pty = plain(&["watch", "--sandbox", "--", "orders-api-1"]);
    pty.wait_for("Watching an instance");
    pty.wait_for("Page Status");
    answer(&mut pty, &[("Your answer", "quit"), ("Leave?", "2")]);
    pty.wait_for_end();
    assert_plain(&pty);
    let mut pty = Pty::start(Size(100, 40), &Program::new(&[]));
    pty.wait_for("phala-wizard --accessible asks in plain lines");
    pty.keys("\x03");
    pty.wait_for_end();
}

/// The end of the hash that stands whole in what was said last.
fn ending(pty: &Pty) -> String {
    let raw = pty.raw();
    let mut hashes = raw
        .lines()
        .filter_map(|line| line.trim().strip_prefix("0x"));
    let hash = hashes.rfind(|digits| digits.len() == 64);
    hash.expect("a hash")[60..].to_owned()
}

#[test]
fn a_signature_takes_the_last_four_characters_and_nothing_less() {
    let mut pty = plain(&["--sandbox", "own-key", "--speed", "300"]);
    answer(
        &mut pty,
        &[
            ("Default 1, orders-api", "orders"),
            ("Default 1, prod5", "prod9"),
            ("What should it run?", ""),
            ("Which values shall", ""),
            ("Default review", ""),
            ("Default prepare", ""),
            ("a key of this machine that owns it", "sign here"),
            ("the sandbox's test account", "1"),
            ("to sign, type the last 4", "yes"),
            ("Enter alone signs nothing.", "zzzz"),
        ],
    );
    let refusals = |pty: &Pty| pty.raw().matches("Its end, or").count();
    pty.wait_until("a second refusal", |pty| refusals(pty) > 2);
    let ending = ending(&pty);
    answer(
        &mut pty,
        &[
            ("Its end, or", &ending),
            ("Everything is registered", ""),
            ("instances noted", "create"),
            ("Type yes to do it", "yes"),
            ("Running.", "quit"),
            ("Leave?", "2"),
        ],
    );
    assert_eq!(pty.wait_for_end(), End::Code(0));
    assert_plain(&pty);
}

/// An editor has the terminal to itself, and what it wrote is taken.
#[test]
fn an_editor_that_was_named_is_used() {
    let program = Program::new(&["--accessible", "--sandbox", "central-kms"]).with(
        "EDITOR",
        "sh -c 'echo it is mine; read line; echo \"$line\" >>\"$0\"'",
    );
    let mut pty = Pty::start(Size(200, 60), &program);
    answer(
        &mut pty,
        &[
            ("Default 1, ", "kv-cache"),
            ("Default 1, prod5", "1"),
            ("What should it run?", "edit"),
        ],
    );
    // Whoever reads now is the editor.
    pty.wait_for("it is mine");
    pty.keys("# from the editor\n");
    answer(
        &mut pty,
        &[("chosen: your editor", "3"), ("Read, type", "read")],
    );
    pty.wait_for(": # from the editor");
    assert_plain(&pty);
    pty.keys("\x03");
    pty.wait_for("Leave?");
    pty.keys("\x03");
    pty.wait_for_end();
}

/// Stopped in the middle of a hidden line, the shell shows what is typed; continued, the line is hidden again.
#[test]
fn a_stop_shows_typing_to_the_shell_and_asks_again_afterwards() {
    let mut pty = plain(&[]);
    answer(&mut pty, &[("Paste an API key", "2")]);
    pty.wait_for("API key, not shown");
    pty.signal(Signal::CONT);
    let asked = |pty: &Pty| pty.raw().matches("API key, not shown").count();
    pty.wait_until("the question again", |pty| asked(pty) == 2);
    pty.keys("canary-typed-unseen\n");
    pty.wait_for("characters taken");
    assert!(!pty.raw().contains("canary"), "{}", pty.raw());
    pty.keys("\x03");
    pty.wait_for_end();
}

#[test]
fn ctrl_z_hands_a_hidden_line_to_the_shell_until_fg() {
    let script = "set -m; \"$0\"; echo it stopped; stty -a; read answer; fg; echo it ended with $?";
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let program = Program::other("sh", &["-c", script, wizard]).with("ACCESSIBLE", "1");
    let mut pty = Pty::start(Size(200, 60), &program);
    answer(&mut pty, &[("Paste an API key", "2")]);
    pty.wait_for("API key, not shown");
    pty.assert_unseen();
    pty.keys("canary-\x1a");
    pty.wait_for("it stopped");
    pty.wait_until("typing that is shown", |pty| {
        pty.raw().contains(" echo ") && pty.raw().contains(" icanon ")
    });
    let asked = |pty: &Pty| pty.raw().matches("API key, not shown").count();
    let before = asked(&pty);
    pty.keys("\r");
    pty.wait_until("the question again", |pty| asked(pty) > before);
    pty.assert_unseen();
    pty.keys("canary-typed-unseen\n");
    pty.wait_for("characters taken");
    pty.keys("\x03");
    pty.wait_for("it ended with");
    assert_eq!(pty.wait_for_end(), End::Code(0));
    assert!(!pty.raw().contains("canary"), "{}", pty.raw());
    assert_plain(&pty);
}

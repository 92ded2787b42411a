//! What passes between the program and a terminal beyond frames and keys: questions about colours, modes, sequences in
//! pieces; and what the configuration file makes of all that.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::harness::{End, Program, Pty, Size};
use crate::{FIRST_PAGE, SIGNED_OUT, colours, has_colour, probe};

/// What is asked of a terminal.
const QUESTION: &str = "\x1b]11;?";
/// The accent for a dark background, and that for a light one.
const DARK: u16 = 36;
const LIGHT: u16 = 34;

fn has(pty: &Pty, colour: u16) -> bool {
    colours(&pty.raw()).any(|it| it == colour)
}

fn start(program: &Program) -> Pty {
    let mut pty = Pty::start(Size::USUAL, program);
    pty.wait_for(FIRST_PAGE);
    pty
}

/// Asked, and nothing answered yet.
fn asked() -> Pty {
    let mut pty = start(&Program::new(&[]));
    pty.wait_until("the question", |pty| pty.raw().contains(QUESTION));
    assert!(!has(&pty, LIGHT));
    pty
}

fn leave(mut pty: Pty) {
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
    pty.assert_given_back();
}

#[test]
fn a_terminal_that_answers_gets_the_colours_for_its_background() {
    for end in ["\x07", "\x1b\\"] {
        let mut pty = asked();
        pty.keys(&format!("\x1b]11;rgb:fdfd/f6f6/e3e3{end}"));
        pty.wait_until("the other colours", |pty| has(pty, LIGHT));
        leave(pty);
    }
    let mut pty = asked();
    pty.wait_for("Paste an API key");
    pty.keys("\x1b]11;rgb:0000/2b2b/3636\x1b\\\x1b[?62;22c");
    pty.keys("?");
    pty.wait_for("These keys work here");
    pty.keys("\x1b");
    pty.wait_until("the page of before", |pty| {
        !pty.screen().contains("These keys work here")
    });
    pty.wait_for("Paste an API key");
    assert!(!has(&pty, LIGHT));
    leave(pty);
}

#[test]
fn the_first_frame_waits_for_no_answer_and_silence_changes_nothing() {
    let pty = asked();
    let raw = pty.raw();
    assert!(raw.find("new instance") < raw.find(QUESTION), "{raw:?}");
    assert_eq!(raw.matches(QUESTION).count(), 1);
    assert!(has(&pty, DARK));
    leave(pty);
}

/// Whatever comes, and whenever: nothing of it is typed into a field.
#[test]
fn late_answers_and_nonsense_are_no_keys() {
    let mut pty = asked();
    // A field that shows how much is in it.
    pty.wait_for("Paste an API key");
    pty.keys("2");
    pty.wait_for("Hidden while you type");
    pty.keys("abc");
    pty.wait_for("3 characters");
    for answer in [
        "\x1b]11;what do you mean\x07",
        "\x1b]11;\x1b\\",
        "\x1b]4;1;rgb:00/00/00\x07",
        "\x1b[?1;2c",
        "\x1b]11;rgb:ffff/ffff/ffff\x07",
    ] {
        pty.keys(answer);
    }
    pty.wait_until("the other colours", |pty| has(pty, LIGHT));
    pty.keys("d");
    pty.wait_for("4 characters");
    pty.keys("\x03\x03");
    pty.wait_for_end();
    pty.assert_given_back();
}

#[test]
fn who_has_chosen_or_cannot_answer_is_not_asked() {
    for (arguments, variables) in [
        (&["--theme", "light"][..], &[][..]),
        (&["--theme", "dark"], &[]),
        (&["--theme", "mono"], &[]),
        (&["--color", "never"], &[]),
        (&[], &[("NO_COLOR", "1")]),
        (&[], &[("TERM", "screen-256color")]),
        (&[], &[("STY", "1234.pts-0.host")]),
    ] {
        let program = Program::new(arguments);
        let program = variables
            .iter()
            .fold(program, |program, (name, value)| program.with(name, value));
        let pty = start(&program);
        assert!(!pty.raw().contains(QUESTION), "{arguments:?} {variables:?}");
        let is_light = arguments.contains(&"light");
        assert_eq!(has(&pty, LIGHT), is_light, "{arguments:?}");
        let has_none = !variables.is_empty() && variables[0].0 == "NO_COLOR"
            || arguments.iter().any(|it| matches!(*it, "mono" | "never"));
        assert_eq!(has_colour(&pty.raw()), !has_none, "{arguments:?}");
        leave(pty);
    }
}

#[test]
fn no_mouse_is_ever_taken() {
    let pty = start(&Program::new(&["--sandbox", "on-chain"]));
    let raw = pty.raw();
    for mode in [
        "9", "1000", "1001", "1002", "1003", "1005", "1006", "1015", "1016",
    ] {
        assert!(!raw.contains(&format!("\x1b[?{mode}h")), "mode {mode}");
    }
}

#[test]
fn without_utf8_no_byte_is_beyond_ascii() {
    for (locale, ascii) in [("C", true), ("en_US.ISO-8859-1", true), ("C.UTF-8", false)] {
        let pty = start(&Program::new(&["--sandbox"]).with("LANG", locale));
        assert_eq!(pty.raw().is_ascii(), ascii, "{locale}");
    }
}

#[test]
fn an_escape_is_told_from_the_first_byte_of_another_key() {
    if probe::ran() {
        return;
    }
    let mut pty = probe::start(
        "looks::an_escape_is_told_from_the_first_byte_of_another_key",
        &[],
    );
    pty.keys("\x1b");
    pty.wait_for("key Esc");
    // A gap that a slow line makes, and fingers do not. This process may be held up for longer, but not every time.
    let downs = ('A'..='T').filter(|letter| {
        pty.keys("\x1b");
        thread::sleep(Duration::from_millis(10));
        pty.keys(&format!("[B{letter}"));
        let last = format!("key {letter}");
        pty.wait_until(&last, |pty| pty.rows()[0] == last);
        pty.rows()[1] == "key Down"
    });
    let downs = downs.count();
    assert!(downs >= 10, "{downs} of 20:\n{}", pty.screen());
    pty.keys("q");
    assert_eq!(pty.wait_for_end(), End::Code(0));
}

/// A shell script that writes its first argument into the configuration file, then starts the rest.
fn configured(settings: &str, arguments: &[&str]) -> Program {
    let script = "mkdir -p .config/phala-wizard; printf '%s' \"$1\" > .config/phala-wizard/config.toml; \
                  program=$0; shift; exec \"$program\" \"$@\"";
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let arguments = [&["-c", script, wizard, settings], arguments].concat();
    Program::other("sh", &arguments)
}

#[test]
fn the_file_says_how_it_looks_and_an_option_comes_before_it() {
    let settings = "theme = 'light'\nascii = true\n[keys]\nhelp = ['F2']\n";
    let pty = start(&configured(settings, &[]));
    assert!(has(&pty, LIGHT) && !pty.raw().contains(QUESTION));
    assert!(pty.raw().is_ascii());
    assert!(pty.screen().contains("F2 keys"), "{}", pty.screen());
    leave(pty);
    let pty = start(&configured(settings, &["--theme", "dark"]));
    assert!(has(&pty, DARK) && !has(&pty, LIGHT));
    leave(pty);
}

#[test]
fn keys_that_collide_are_told_before_anything_is_drawn() {
    let mut pty = Pty::start(Size::USUAL, &configured("\n[keys]\nrefresh = 'y'\n", &[]));
    assert_ne!(pty.wait_for_end(), End::Code(0));
    let screen = pty.screen().replace('\n', "");
    assert!(
        screen.contains("config.toml, line 3: y would be refresh and copy"),
        "{screen}"
    );
    assert!(!pty.raw().contains("\x1b[?1049h"));
}

#[test]
fn the_commented_file_is_written_once() {
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let script = "\"$0\" config path; \"$0\" config check && \"$0\" config init && \"$0\" config check; \"$0\" config init; \
                  echo it ended with $?; echo 'them = 1' > .config/phala-wizard/config.toml; \"$0\" config check; \
                  echo it was $?; \"$0\" config init --print > printed";
    let mut pty = Pty::start(
        Size(200, 40),
        &Program::other("sh", &["-c", script, wizard]),
    );
    assert_eq!(pty.wait_for_end(), End::Code(0));
    let rows = pty.rows();
    let path = pty.home().join(".config/phala-wizard/config.toml");
    let path = path.display();
    let expected = [
        format!("{path}"),
        "~/.config/phala-wizard/config.toml is not there, so everything is as usual. `phala-wizard config init` writes it.".into(),
        format!("Written: {path}"),
        "~/.config/phala-wizard/config.toml is understood.".into(),
        "phala-wizard: ~/.config/phala-wizard/config.toml is there already, and stays as it is; --print shows what would be written".into(),
        "it ended with 2".into(),
        "phala-wizard: ~/.config/phala-wizard/config.toml, line 1: them is not known here; did you mean theme?".into(),
        "it was 1".into(),
    ];
    assert_eq!(rows[..expected.len()], expected);
    let printed = fs::read_to_string(pty.home().join("printed")).unwrap();
    assert!(printed.contains("#theme = \"auto\""), "{printed}");
}

/// Where the page for a key says that one is made.
const MADE_AT: &str = "https://cloud.phala.com";

/// What a terminal of these variables is sent until the page with an address was seen and left.
fn sent_to(variables: &[(&str, &str)], setting: &str) -> String {
    let settings = "mkdir -p .config/phala-wizard; echo \"$1\" > .config/phala-wizard/config.toml";
    let script = format!("{settings}; exec \"$0\"");
    let wizard = env!("CARGO_BIN_EXE_phala-wizard");
    let mut program = Program::other("sh", &["-c", &script, wizard, setting]);
    for (name, value) in variables {
        program = program.with(name, value);
    }
    let mut pty = start(&program);
    pty.wait_for("Paste an API key");
    pty.keys("2");
    pty.wait_for(MADE_AT);
    pty.keys("\x03");
    assert_eq!(pty.wait_for_end(), SIGNED_OUT);
    pty.assert_given_back();
    pty.raw()
}

#[test]
fn addresses_are_links_in_terminals_that_are_known_to_open_them_and_nowhere_else() {
    let xterm = ("TERM", "xterm-256color");
    let (tmux, inside) = (("TERM", "tmux-256color"), ("TMUX", "/tmp/t,1,0"));
    let program = ("TERM_PROGRAM", "tmux");
    for (variables, setting, is_link) in [
        (&[xterm][..], "", false),
        (&[xterm, ("VTE_VERSION", "7600")], "", true),
        (&[xterm, ("WT_SESSION", "1")], "", true),
        (&[xterm, ("TERM_PROGRAM", "iTerm.app")], "", true),
        (&[xterm, ("TERM_PROGRAM", "Apple_Terminal")], "", false),
        (&[("TERM", "xterm-kitty")], "", true),
        (&[("TERM", "foot")], "", true),
        (&[("TERM", "linux")], "", false),
        (&[("TERM", "screen"), ("VTE_VERSION", "7600")], "", false),
        (
            &[tmux, inside, program, ("TERM_PROGRAM_VERSION", "3.3a")],
            "",
            false,
        ),
        (
            &[tmux, inside, program, ("TERM_PROGRAM_VERSION", "3.4")],
            "",
            true,
        ),
        (&[("TERM", "xterm-kitty")], "links = 'auto'", true),
        (&[("TERM", "xterm-kitty")], "links = false", false),
        (&[xterm], "links = true", true),
    ] {
        let raw = sent_to(variables, setting);
        let what = format!("{variables:?} {setting:?}: {raw:?}");
        let mut links = raw.split("\x1b]8;").skip(1);
        if !is_link {
            assert_eq!(links.next(), None, "{what}");
            continue;
        }
        let (mut begun, mut ended) = (0, 0);
        for link in links {
            match link.strip_prefix(";\x1b\\") {
                Some(_) => ended += 1,
                None => {
                    let (id, rest) = link.split_once(';').unwrap();
                    assert!(id.starts_with("id="), "{what}");
                    let (address, text) = rest.split_once("\x1b\\").unwrap();
                    assert_eq!(address, MADE_AT, "{what}");
                    assert!(text.ends_with(MADE_AT), "it says where it leads: {what}");
                    begun += 1;
                }
            }
            assert!(begun == ended || begun == ended + 1, "{what}");
        }
        assert!(begun > 0 && begun == ended, "{what}");
    }
}

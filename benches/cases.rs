//! What is measured: a wizard brought to a place, and the keys pressed there again and again.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use phala_wizard::api::types::AppPage;
use phala_wizard::secret::Secret;
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use phala_wizard::wizard::event::{Answer, Event, Request};
use phala_wizard::wizard::{Start, Wizard};

use crate::cloud::{self, Cloud};
use crate::counted::{Ours, Usual};
use crate::flood::Watch;
use crate::floor::Floor;
use crate::journey::Journey;

/// The size that the limits are about.
const USUAL: (u16, u16) = (120, 40);
/// The smallest size in which nothing is left out.
const SMALL: (u16, u16) = (80, 24);

/// Rows of the long list.
const APPS: usize = 5_000;

/// Lines of a flood's minute.
/// A debug build only shows that the case runs, and is spared most of it.
const FLOOD: usize = if cfg!(debug_assertions) {
    20_000
} else {
    600_000
};

/// A thing to measure.
pub struct Case {
    /// What it is called in tables and on the command line.
    pub name: &'static str,
    /// The most it may cost: millions of instructions and bytes written, each per turn.
    pub limit: Option<(f64, usize)>,
    /// Brings it about. Whatever that costs is not measured.
    pub begin: fn() -> Turns,
}

/// Takes one turn, which is mostly a key and the frame after it, and says how many bytes were written.
pub type Turns = Box<dyn FnMut() -> usize>;

/// The case that the others are compared with.
pub const FLOOR: &str = "floor: cursor in 5,000 rows";

/// Everything that is measured, the floor first.
pub const CASES: &[Case] = &[
    case(FLOOR, None, floor),
    case("apps: cursor in 5,000", Some((3.5, 150)), cursor),
    case("apps: filter 5,000, a letter", None, filter),
    case("key field: a letter", Some((2.6, 80)), key_field),
    case("editor: a letter in 1 KiB", None, || editor(1024)),
    case("editor: a letter in 200 KiB", None, || editor(200 * 1024)),
    case("editor: 200 KiB pasted, undone", None, paste),
    case("compose: 200 KiB, a frame", None, large_compose),
    case("App 120x40", None, || frames(App, USUAL)),
    case("Node 120x40", None, || frames(Node, USUAL)),
    case("Compose 120x40", None, || frames(Compose, USUAL)),
    case("Env 120x40", None, || frames(Env, USUAL)),
    case("Script 120x40", None, || frames(Script, USUAL)),
    case("Review 120x40", None, || frames(Review, USUAL)),
    case("Chain 120x40", None, || frames(Chain, USUAL)),
    case("Commit 120x40", None, || frames(Commit, USUAL)),
    case("Live 120x40", None, || frames(Live, USUAL)),
    case("App 80x24", None, || frames(App, SMALL)),
    case("Node 80x24", None, || frames(Node, SMALL)),
    case("Compose 80x24", None, || frames(Compose, SMALL)),
    case("Env 80x24", None, || frames(Env, SMALL)),
    case("Script 80x24", None, || frames(Script, SMALL)),
    case("Review 80x24", None, || frames(Review, SMALL)),
    case("Chain 80x24", None, || frames(Chain, SMALL)),
    case("Commit 80x24", None, || frames(Commit, SMALL)),
    case("Live 80x24", None, || frames(Live, SMALL)),
    case("log: a key, 500 lines", None, || logged(500)),
    case("log: a key, a minute of flood", None, || logged(FLOOD)),
    case("log: 500 lines more and a key", None, flooded),
    case("log: a letter of a search", None, searched),
];

const fn case(name: &'static str, limit: Option<(f64, usize)>, begin: fn() -> Turns) -> Case {
    Case { name, limit, begin }
}

fn floor() -> Turns {
    let mut floor = Floor::new(APPS);
    let mut terminal = Usual::usual(USUAL);
    let mut keys = down_and_up();
    Box::new(move || {
        floor.key(keys());
        terminal.draw(|frame| floor.draw(frame))
    })
}

fn cursor() -> Turns {
    pressing(many_apps(), down_and_up())
}

fn filter() -> Turns {
    let mut journey = many_apps();
    journey.press("/led");
    pressing(journey, letter_and_back())
}

fn key_field() -> Turns {
    let cloud = Cloud {
        signed_in: false,
        ..Cloud::default()
    };
    let mut journey = Journey::signed_in(cloud);
    journey.press("2").sees("API key");
    pressing(journey, letter_and_back())
}

fn editor(size: usize) -> Turns {
    let mut journey = at_editor();
    journey.paste(&compose_of(size));
    pressing(journey, letter_and_back())
}

fn paste() -> Turns {
    let mut wizard = at_editor().wizard;
    let mut terminal = Ours::new(USUAL);
    let text = compose_of(200 * 1024);
    let undo = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
    Box::new(move || {
        wizard.update(Event::Paste(Secret::new(text.as_str())));
        let bytes = draw(&wizard, &mut terminal);
        wizard.update(Event::Key(undo));
        bytes + draw(&wizard, &mut terminal)
    })
}

/// The compose step with a large text taken: all that was found out about it must not be found out again.
fn large_compose() -> Turns {
    let mut journey = at_editor();
    journey.paste(&compose_of(200 * 1024)).press("<^s>");
    journey.sees("It goes out byte for byte");
    drawing(journey, USUAL)
}

/// A log in which so many lines came, and nothing comes any more: up and down in it.
fn logged(lines: usize) -> Turns {
    pressing(following(lines).journey, up_and_down())
}

/// The same while lines go on to come.
fn flooded() -> Turns {
    let mut watch = following(FLOOD);
    let mut terminal = Ours::new(USUAL);
    let mut keys = up_and_down();
    Box::new(move || {
        watch.hears(500);
        watch.key(keys());
        draw(&watch.journey.wizard, &mut terminal)
    })
}

/// A search goes through every line that is kept.
fn searched() -> Turns {
    let mut watch = following(FLOOD);
    watch.presses("/item");
    pressing(
        watch.journey,
        again(vec![KeyCode::Char('s'), KeyCode::Backspace]),
    )
}

fn following(lines: usize) -> Watch {
    let mut watch = Watch::new();
    let before = resident();
    while watch.heard() < lines {
        watch.hears(500);
    }
    // Beside the tables, as a note: what the lines take in this process.
    eprintln!(
        "{lines} lines: {} kB more than before",
        resident().saturating_sub(before)
    );
    watch
}

/// Kilobytes that this process has, where the system says so.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A screen with nothing happening on it.
fn frames(screen: Screen, size: (u16, u16)) -> Turns {
    drawing(at(screen), size)
}

fn drawing(journey: Journey, size: (u16, u16)) -> Turns {
    let mut terminal = Ours::new(size);
    Box::new(move || draw(&journey.wizard, &mut terminal))
}

fn pressing(journey: Journey, mut keys: impl FnMut() -> KeyEvent + 'static) -> Turns {
    let mut wizard = journey.wizard;
    let mut terminal = Ours::new(USUAL);
    Box::new(move || {
        let effects = wizard.update(Event::Key(keys()));
        assert!(effects.is_empty(), "a key that asks: {effects:?}");
        draw(&wizard, &mut terminal)
    })
}

fn draw(wizard: &Wizard, terminal: &mut Ours) -> usize {
    terminal.draw(|frame| ui::draw(wizard, &Theme::default(), frame))
}

/// A hundred rows down, a hundred up, for ever: pages turn as often as they do for a person.
fn down_and_up() -> impl FnMut() -> KeyEvent {
    let down = std::iter::repeat_n(KeyCode::Down, 100);
    let up = std::iter::repeat_n(KeyCode::Up, 100);
    again(down.chain(up).collect())
}

fn up_and_down() -> impl FnMut() -> KeyEvent {
    let up = std::iter::repeat_n(KeyCode::Up, 100);
    let down = std::iter::repeat_n(KeyCode::Down, 100);
    again(up.chain(down).collect())
}

fn letter_and_back() -> impl FnMut() -> KeyEvent {
    again(vec![KeyCode::Char('g'), KeyCode::Backspace])
}

fn again(codes: Vec<KeyCode>) -> impl FnMut() -> KeyEvent {
    let mut codes = codes.into_iter().cycle();
    move || KeyEvent::from(codes.next().expect("it never ends"))
}

/// In front of a list of many apps, all of them read.
fn many_apps() -> Journey {
    let mut journey = Journey::begin(Cloud::default(), Start::default());
    for _ in 0..2 {
        for (id, request) in std::mem::take(&mut journey.open) {
            let answer = match request {
                Request::Apps { .. } => Some(Answer::Apps(Ok(crowd()))),
                request => journey.cloud.answer(&request),
            };
            journey.reply(id, answer.expect("an answer"));
        }
    }
    journey.settle().sees("amber-ledger-0000");
    journey
}

fn crowd() -> AppPage {
    let apps: Vec<_> = (0..APPS)
        .map(|number| {
            let kms = if number % 3 == 0 { "phala" } else { "base" };
            let name = format!("amber-ledger-{number:04}");
            cloud::app(&format!("{number:040x}"), &name, kms)
        })
        .collect();
    AppPage {
        total: u32::try_from(APPS).expect("a few thousand"),
        apps,
        page: 1,
        pages: 1,
    }
}

/// In the text area of the compose step, with nothing in it.
fn at_editor() -> Journey {
    let mut journey = at(Compose);
    journey.press("3").sees("The compose file");
    // All of the live text goes, so that what is pasted is all there is.
    journey.press("<^s>");
    journey.press("3");
    for _ in 0..cloud::COMPOSE.len() {
        journey.press("<^d>");
    }
    journey
}

/// A compose file of about this many bytes: services of half a KiB each.
fn compose_of(size: usize) -> String {
    let labels: String = (0..12)
        .map(|number| format!("      - \"com.acme.setting-{number}=${{DATABASE_URL}}\"\n"))
        .collect();
    let mut text = String::from("services:\n");
    for number in 0.. {
        let service = format!(
            "  worker-{number:04}:\n    image: ghcr.io/acme/worker:1.8.1\n    labels:\n{labels}"
        );
        if number > 0 && text.len() + service.len() > size {
            break;
        }
        text.push_str(&service);
    }
    text
}

/// The places on the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    App,
    Node,
    Compose,
    Env,
    Script,
    Review,
    Chain,
    Commit,
    Live,
}

use Screen::{App, Chain, Commit, Compose, Env, Live, Node, Review, Script};

/// A journey that stands on this screen.
fn at(screen: Screen) -> Journey {
    let cloud = Cloud {
        looks_until_allowed: if screen == Chain { u32::MAX } else { 1 },
        ..Cloud::default()
    };
    let mut journey = Journey::signed_in(cloud);
    while journey.wizard.place() < screen as usize {
        let before = journey.wizard.place();
        let is_at_commit = before == Commit as usize;
        journey.press(if is_at_commit {
            "<right><enter>"
        } else {
            "<enter>"
        });
        journey.wait(10);
        assert!(journey.wizard.place() > before, "{}", journey.frame());
    }
    assert_eq!(journey.wizard.place(), screen as usize);
    journey
}

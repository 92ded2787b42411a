use std::cell::RefCell;
use std::num::NonZero;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::{TerminalOptions, Viewport};

use super::*;

const WIDTH: u16 = 24;
const HEIGHT: u16 = 6;

/// What was sent and not looked at yet.
#[derive(Debug, Clone, Default)]
struct Tape(Rc<RefCell<Vec<u8>>>);

impl Tape {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of ours beside one of ratatui's own, each with a screen that shows what it is sent.
struct Pair {
    ours: Terminal<Pen<Tape>>,
    theirs: Terminal<CrosstermBackend<Tape>>,
    our_tape: Tape,
    their_tape: Tape,
    our_screen: vt100::Parser,
    their_screen: vt100::Parser,
}

impl Pair {
    fn new() -> Self {
        crossterm::style::force_color_output(true);
        let options = || TerminalOptions {
            viewport: Viewport::Fixed(Rect::new(0, 0, WIDTH, HEIGHT)),
        };
        let cells = |count| NonZero::new(count).unwrap();
        let screen = || vt100::Parser::new(cells(HEIGHT), cells(WIDTH), 0);
        let (our_tape, their_tape) = (Tape::default(), Tape::default());
        let ours = Pen::new(our_tape.clone());
        let theirs = CrosstermBackend::new(their_tape.clone());
        Self {
            ours: Terminal::with_options(ours, options()).unwrap(),
            theirs: Terminal::with_options(theirs, options()).unwrap(),
            our_tape,
            their_tape,
            our_screen: screen(),
            their_screen: screen(),
        }
    }

    /// Draws the same with both, compares what can be seen, and gives back what ours sent.
    fn draw(&mut self, cursor: Option<(u16, u16)>, paint: impl Fn(&mut Buffer)) -> Vec<u8> {
        let frame = |frame: &mut ratatui::Frame| {
            paint(frame.buffer_mut());
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        };
        self.ours.draw(frame).unwrap();
        self.theirs.draw(frame).unwrap();
        let sent = self.our_tape.take();
        self.our_screen.process(&sent);
        self.their_screen.process(&self.their_tape.take());
        let (ours, theirs) = (self.our_screen.screen(), self.their_screen.screen());
        for (y, x) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
            assert_eq!(ours.cell(y, x), theirs.cell(y, x), "row {y}, column {x}");
        }
        assert_eq!(ours.hide_cursor(), theirs.hide_cursor());
        if cursor.is_some() {
            assert_eq!(ours.cursor_position(), theirs.cursor_position());
        }
        sent
    }
}

fn sent(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_frame_that_changes_nothing_sends_nothing() {
    let mut pair = Pair::new();
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let paint = |buffer: &mut Buffer| buffer.set_string(2, 1, "apps", bold);
    assert!(!pair.draw(None, |buffer| paint(buffer)).is_empty());
    assert_eq!(sent(pair.draw(None, |buffer| paint(buffer))), "");
    pair.ours.backend_mut().forget();
    let paint = |buffer: &mut Buffer| buffer.set_string(2, 1, "apps!", bold);
    let anew = sent(pair.draw(None, |buffer| paint(buffer)));
    assert_eq!(anew, "\x1b[2;7H\x1b[0;1m!\x1b[?25l", "all of it is told");
}

#[test]
fn a_letter_at_the_cursor_is_one_byte() {
    let mut pair = Pair::new();
    let text =
        |text: &'static str| move |buffer: &mut Buffer| buffer.set_string(3, 2, text, Style::new());
    pair.draw(Some((5, 2)), text("ab"));
    assert_eq!(sent(pair.draw(Some((6, 2)), text("abc"))), "c");
    assert_eq!(sent(pair.draw(Some((7, 2)), text("abc•"))), "•\x1b[3;8H");
}

#[test]
fn after_what_is_not_ascii_the_place_is_told_whole() {
    let mut pair = Pair::new();
    let one = |buffer: &mut Buffer| buffer.set_string(0, 0, "a", Style::new());
    let two = |buffer: &mut Buffer| {
        buffer.set_string(0, 0, "b  c", Style::new());
        buffer.set_string(0, 1, "▌  d", Style::new());
    };
    pair.draw(None, one);
    assert_eq!(sent(pair.draw(None, two)), "\rb\x1b[2Cc\r\n▌\x1b[2;4Hd");
}

#[test]
fn what_is_behind_a_text_is_not_left_for_the_terminal_to_fill_with() {
    let mut pair = Pair::new();
    let badge = Style::new().bg(Color::Yellow).fg(Color::Black);
    let first = sent(pair.draw(None, |buffer| buffer.set_string(0, 0, "it", badge)));
    assert!(first.contains("\x1b[0;30;43mit\x1b[m"), "{first:?}");
    let pen = pair.ours.backend_mut();
    let mut cell = Cell::EMPTY;
    cell.set_style(badge);
    pen.wear(Look::of(&cell, true));
    pen.clear().unwrap();
    assert_eq!(
        sent(std::mem::take(&mut pen.out)),
        "\x1b[30;43m\x1b[m\x1b[2J"
    );
}

#[test]
fn nobody_asks_the_terminal_where_its_cursor_is() {
    let error = Pen::new(Vec::new()).get_cursor_position().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

/// A text somewhere in some style.
type Stroke = (u16, u16, String, Style);

const NAMED: [Color; 8] = [
    Color::Black,
    Color::Red,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightBlue,
    Color::White,
];

fn colours() -> impl Strategy<Value = Color> {
    prop_oneof![
        3 => Just(Color::Reset),
        1 => (0..NAMED.len()).prop_map(|number| NAMED[number]),
        1 => (16_u8..).prop_map(Color::Indexed),
        1 => any::<(u8, u8, u8)>().prop_map(|(red, green, blue)| Color::Rgb(red, green, blue)),
    ]
}

fn strokes() -> impl Strategy<Value = Vec<Stroke>> {
    let text = prop_oneof![2 => "[a-z ]{1,12}", 1 => "[a-z▌•─ 界]{1,12}"];
    // The screen of the test knows no text that blinks, is hidden or crossed out, and of bold and dim only the last.
    let weight = prop_oneof![
        Just(Modifier::empty()),
        Just(Modifier::BOLD),
        Just(Modifier::DIM)
    ];
    let others = Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
    let modifiers = (weight, any::<u16>())
        .prop_map(move |(weight, bits)| weight | Modifier::from_bits_truncate(bits) & others);
    // What a stroke before it was written in does not shine through: two of them could be bold and dim at once.
    let style = (colours(), colours(), modifiers).prop_map(|(text, behind, how)| {
        let style = Style::new().fg(text).bg(behind).add_modifier(how);
        style.remove_modifier(how.complement())
    });
    prop::collection::vec((0..WIDTH, 0..HEIGHT, text, style), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_shows_what_the_usual_backend_shows(
        frames in prop::collection::vec((strokes(), prop::option::of((0..WIDTH, 0..HEIGHT))), 1..6),
    ) {
        let mut pair = Pair::new();
        for (strokes, cursor) in frames {
            pair.draw(cursor, |buffer| {
                for (x, y, text, style) in &strokes {
                    buffer.set_stringn(*x, *y, text, usize::from(WIDTH - x), *style);
                }
            });
        }
    }
}

const ONE: &str = "https://one.example/a";
const OTHER: &str = "https://one.example/b";

/// A pen that tells where addresses lead, and what it is told for the next frame.
fn linking() -> (Terminal<Pen<Tape>>, Tape, Rc<RefCell<Links>>) {
    let (tape, links) = (Tape::default(), Rc::<RefCell<Links>>::default());
    for address in [ONE, OTHER] {
        links.borrow_mut().add(address);
    }
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, WIDTH, HEIGHT)),
    };
    let pen = Pen::new(tape.clone()).linking(Rc::clone(&links));
    let terminal = Terminal::with_options(pen, options).unwrap();
    (terminal, tape, links)
}

fn leads_to(address: &str) -> Style {
    crate::theme::Theme::default().address(address)
}

fn begin(address: &str) -> String {
    match crate::theme::address::mark(address) {
        Some(Color::Rgb(a, b, c)) => links::begin([a, b, c], address),
        other => panic!("{address}: {other:?}"),
    }
}

/// Every link that begins ends in the same bytes, before the next one and before whatever belongs to none.
fn assert_closed(sent: &str) {
    let mut open = false;
    for piece in sent.split("\x1b]8;").skip(1) {
        let begins = !piece.starts_with(";\x1b\\");
        assert_ne!(begins, open, "{sent:?}");
        open = begins;
    }
    assert!(!open, "{sent:?}");
}

#[test]
fn an_address_on_two_lines_is_one_link_and_nothing_else_is_in_it() {
    let (mut terminal, tape, _) = linking();
    let mut draw = |lead: &str| {
        terminal
            .draw(|frame| {
                let buffer = frame.buffer_mut();
                buffer.set_string(0, 0, "see", Style::new());
                buffer.set_string(4, 0, "https://one.", leads_to(lead));
                buffer.set_string(17, 0, "and", Style::new());
                buffer.set_string(0, 1, "example", leads_to(lead));
            })
            .unwrap();
        sent(tape.take())
    };
    let first = draw(ONE);
    assert_closed(&first);
    assert_eq!(first.matches(&begin(ONE)).count(), 2, "{first:?}");
    let inside: String = first
        .split(&begin(ONE))
        .skip(1)
        .map(|piece| piece.split("\x1b]8;;\x1b\\").next().unwrap_or_default())
        .collect();
    assert!(inside.contains("https://one.") && inside.contains("example"));
    assert!(
        !inside.contains("and") && !inside.contains("see"),
        "{inside:?}"
    );
    assert_eq!(draw(ONE), "", "what leads where it led is not sent again");
    let second = draw(OTHER);
    assert_closed(&second);
    assert!(
        second.contains(&begin(OTHER)),
        "the same text leads elsewhere"
    );
    assert!(!second.contains("and"), "{second:?}");
}

#[test]
fn what_covers_a_link_is_in_none() {
    let (mut terminal, tape, links) = linking();
    terminal
        .draw(|frame| {
            frame
                .buffer_mut()
                .set_string(0, 0, "one and more", leads_to(ONE));
        })
        .unwrap();
    tape.take();
    // The address itself may still be on the page behind it.
    terminal
        .draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "one", Style::new());
        })
        .unwrap();
    let covered = sent(tape.take());
    assert!(!covered.contains("\x1b]8;"), "{covered:?}");
    links.replace(Links::default());
    terminal
        .draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "one", leads_to(ONE));
        })
        .unwrap();
    let unknown = sent(tape.take());
    assert!(
        unknown.contains("one") && !unknown.contains("\x1b]8;"),
        "{unknown:?}"
    );
}

#[test]
fn a_terminal_that_is_not_told_gets_the_text_and_no_other_look() {
    let (tape, area) = (Tape::default(), Rect::new(0, 0, WIDTH, HEIGHT));
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let mut terminal = Terminal::with_options(Pen::new(tape.clone()), options).unwrap();
    terminal
        .draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "one", leads_to(ONE));
        })
        .unwrap();
    let sent = sent(tape.take());
    assert!(sent.contains("one") && !sent.contains("\x1b]"), "{sent:?}");
    assert!(!sent.contains("58;"), "a mark is no colour: {sent:?}");
}

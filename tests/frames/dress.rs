//! How screens are dressed: the same frame for dark and light backgrounds, without colours, and in ASCII. Each run that
//! is not plain stands in brackets behind its style.

use std::fmt::Write;

use phala_wizard::theme::{Colours, Hidden, Theme};
use phala_wizard::ui;
use phala_wizard::wizard::Start;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::cloud::{self, Cloud, Fate};
use super::journey::{Journey, draw};
use super::{confirmation, journey, registered};

fn buffer(journey: &Journey, colours: Colours) -> Buffer {
    let theme = Theme {
        colours,
        ascii: false,
        hides: Hidden::NOTHING,
    };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a test terminal");
    terminal
        .draw(|frame| ui::draw(&journey.wizard, &theme, frame))
        .expect("drawing into memory");
    terminal.backend().buffer().clone()
}

fn styled(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let mut last = Style::new();
        let mut line = String::new();
        for cell in row {
            let style = Style::new()
                .fg(cell.fg)
                .bg(cell.bg)
                .add_modifier(cell.modifier);
            // Blanks look alike in most styles.
            let is_blank = cell.symbol() == " " && !cell.modifier.contains(Modifier::REVERSED);
            if style != last && !(is_blank && cell.bg == Color::Reset) {
                let _ = write!(line, "[{}]", words(cell.fg, cell.bg, cell.modifier));
                last = style;
            }
            line.push_str(cell.symbol());
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn words(fg: Color, bg: Color, modifier: Modifier) -> String {
    let mut words = Vec::new();
    if fg != Color::Reset {
        words.push(fg.to_string().to_lowercase());
    }
    if bg != Color::Reset {
        words.push(format!("on {}", bg.to_string().to_lowercase()));
    }
    words.extend(modifier.iter_names().map(|(name, _)| name.to_lowercase()));
    words.join(" ")
}

#[test]
fn each_background_has_its_colours() {
    for (name, colours) in [
        ("dark", Colours::Dark),
        ("light", Colours::Light),
        ("mono", Colours::None),
    ] {
        let app = styled(&buffer(&journey(), colours));
        let commit = styled(&buffer(&confirmation(registered(Fate::Good)), colours));
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("dress__app_{name}"), app);
            insta::assert_snapshot!(format!("dress__commit_{name}"), commit);
        });
    }
}

#[test]
fn ascii_frames_say_the_same() {
    let ascii = Theme {
        colours: Colours::None,
        ascii: true,
        hides: Hidden::NOTHING,
    };
    let commit = confirmation(registered(Fate::Good));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("dress__app_ascii", draw(&journey().wizard, ascii, 80, 24));
        insta::assert_snapshot!("dress__commit_ascii", draw(&commit.wizard, ascii, 80, 24));
    });
}

/// Of the sixteen colours of the terminal, and behind the text none but where it is a badge.
#[test]
fn only_the_terminal_s_own_colours_are_used() {
    for colours in [Colours::Dark, Colours::Light, Colours::None] {
        for journey in [&journey(), &confirmation(registered(Fate::Good))] {
            for cell in &buffer(journey, colours).content {
                for colour in [cell.fg, cell.bg] {
                    assert!(
                        !matches!(colour, Color::Rgb(..) | Color::Indexed(_)),
                        "{cell:?}"
                    );
                    assert!(
                        colours != Colours::None || colour == Color::Reset,
                        "{cell:?}"
                    );
                }
                assert!(cell.bg == Color::Reset, "{cell:?}");
            }
        }
    }
}

/// The second column begins in the same place whatever stands in the first one.
#[test]
fn columns_are_straight_behind_wide_and_combined_letters() {
    let names = ["東京の注文", "👩‍👩‍👧‍👦 family", "e\u{301}te\u{301}", "orders-api"];
    let ids = ["1", "2", "3", "4"].map(|digit| digit.repeat(40));
    let apps = ids.iter().zip(names);
    let mut journey = Journey::signed_in(Cloud {
        apps: apps
            .map(|(id, name)| cloud::app(id, name, "phala"))
            .collect(),
        ..Cloud::default()
    });
    journey.press("<down>");
    let frame = journey.frame_at(100, 30);
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("dress__wide_names", frame);
    });
    let second: Vec<usize> = frame
        .lines()
        .filter_map(|line| Some(line[..line.find("1/2 ")?].width()))
        .collect();
    assert_eq!(second.len(), names.len(), "{frame}");
    assert!(
        second.iter().all(|at| *at == second[0]),
        "{second:?}\n{frame}"
    );
}

#[test]
fn what_is_around_the_page_can_be_left_out_and_the_sandbox_stays_marked() {
    let journey = journey();
    let rows = |hides, wizard: &_| {
        let theme = Theme {
            colours: Colours::None,
            ascii: true,
            hides,
        };
        let frame = draw(wizard, theme, 80, 24);
        frame.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = rows(Hidden::NOTHING, &journey.wizard);
    let no_banner = Hidden {
        banner: true,
        ..Hidden::NOTHING
    };
    let no_footer = Hidden {
        footer: true,
        ..Hidden::NOTHING
    };
    let (without, short) = (
        rows(no_banner, &journey.wizard),
        rows(no_footer, &journey.wizard),
    );
    assert_eq!(without[0], whole[3], "the page begins at the top");
    assert_eq!(short[..3], whole[..3]);
    assert_eq!(short[23], whole[22], "the note is the last row");
    assert!(whole[23].contains("keys") && !short.concat().contains("? keys"));
    let start = Start {
        sandbox: Some("on-chain".to_owned()),
        ..Start::default()
    };
    let mut sandbox = Journey::begin(Cloud::default(), start);
    sandbox.settle();
    let marked = rows(no_banner, &sandbox.wizard);
    assert!(marked[0].contains("SANDBOX"), "{marked:?}");
    assert!(!marked.concat().contains("Compose"), "{marked:?}");
}

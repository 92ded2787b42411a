//! A frame as a picture: cells with their colours, as an SVG that any browser shows.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Size of a cell in pixels, at the font size below.
const CELL: (f32, f32) = (8.4, 18.0);
const FONT: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const FONT_SIZE: u8 = 14;
const MARGIN: f32 = 14.0;

const BACKGROUND: &str = "#11151a";
const FOREGROUND: &str = "#d5dae0";

/// The picture of a frame. The same frame gives the same bytes.
pub fn picture(buffer: &Buffer, title: &str) -> String {
    let size = (
        f32::from(buffer.area.width).mul_add(CELL.0, 2.0 * MARGIN),
        f32::from(buffer.area.height).mul_add(CELL.1, 2.0 * MARGIN),
    );
    let mut svg = String::new();
    let out = &mut svg;
    line(
        out,
        format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.1} {:.1}" font-family="{FONT}" font-size="{FONT_SIZE}" fill="{FOREGROUND}" xml:space="preserve">"#,
            size.0, size.1
        ),
    );
    line(out, format_args!("<title>{}</title>", escaped(title)));
    line(
        out,
        format_args!(r#"<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>"#),
    );
    for y in buffer.area.top()..buffer.area.bottom() {
        for run in runs(buffer, y) {
            draw(out, &run, y);
        }
    }
    line(out, format_args!("</svg>"));
    svg
}

/// Neighbours in a row that look the same.
struct Run {
    x: u16,
    width: u16,
    text: String,
    look: Look,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    front: Option<&'static str>,
    behind: Option<&'static str>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// What there is to see in a row. Gaps split runs, so that no font can push far what follows them.
fn runs(buffer: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = buffer.area.left();
    let mut gap = true;
    while x < buffer.area.right() {
        let cell = &buffer[(x, y)];
        let width = u16::try_from(cell.symbol().width()).map_or(1, |width| width.max(1));
        let look = look(cell);
        let blank = cell.symbol().trim().is_empty() && look.behind.is_none() && !look.underlined;
        match runs.last_mut() {
            Some(run) if !gap && !blank && run.look == look && run.x + run.width == x => {
                run.text.push_str(cell.symbol());
                run.width += width;
            }
            _ if blank => {}
            _ => runs.push(Run {
                x,
                width,
                text: cell.symbol().to_owned(),
                look,
            }),
        }
        gap = blank;
        x += width;
    }
    runs
}

fn draw(out: &mut String, run: &Run, y: u16) {
    let left = f32::from(run.x).mul_add(CELL.0, MARGIN);
    let top = f32::from(y).mul_add(CELL.1, MARGIN);
    let width = f32::from(run.width) * CELL.0;
    if let Some(colour) = run.look.behind {
        line(
            out,
            format_args!(
                r#"<rect x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}" fill="{colour}"/>"#,
                CELL.1
            ),
        );
    }
    if run.text.trim().is_empty() {
        return;
    }
    let mut style = String::new();
    if let Some(colour) = run.look.front {
        let _ = write!(style, r#" fill="{colour}""#);
    }
    for (on, attribute) in [
        (run.look.bold, r#" font-weight="bold""#),
        (run.look.dim, r#" opacity="0.62""#),
        (run.look.underlined, r#" text-decoration="underline""#),
    ] {
        style.push_str(if on { attribute } else { "" });
    }
    line(
        out,
        format_args!(
            r#"<text x="{left:.1}" y="{:.1}" textLength="{width:.1}"{style}>{}</text>"#,
            top + CELL.1 * 0.76,
            escaped(&run.text)
        ),
    );
}

fn look(cell: &Cell) -> Look {
    let has = |modifier| cell.modifier.contains(modifier);
    let (mut front, mut behind) = (colour(cell.fg), colour(cell.bg));
    if has(Modifier::REVERSED) {
        (front, behind) = (behind.or(Some(BACKGROUND)), front.or(Some(FOREGROUND)));
    }
    Look {
        front,
        behind,
        bold: has(Modifier::BOLD),
        dim: has(Modifier::DIM),
        underlined: has(Modifier::UNDERLINED),
    }
}

/// The named colours as a terminal of today shows them; `None` is the terminal's own.
fn colour(colour: Color) -> Option<&'static str> {
    Some(match colour {
        Color::Reset => return None,
        Color::Black => "#11151a",
        Color::Red | Color::LightRed => "#f27a7a",
        Color::Green | Color::LightGreen => "#8fd18a",
        Color::Yellow | Color::LightYellow => "#e8c66b",
        Color::Blue | Color::LightBlue => "#7fb0f0",
        Color::Magenta | Color::LightMagenta => "#cf95e0",
        Color::Cyan | Color::LightCyan => "#6fcfd6",
        Color::DarkGray => "#7d8590",
        Color::Gray | Color::White => "#d5dae0",
        other => panic!("the theme has a colour that has no picture: {other:?}"),
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn line(out: &mut String, text: std::fmt::Arguments) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

//! The first two rows: what this is and who you are, and how far along.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::text::{Runs, put, runs_width};
use crate::theme::Theme;
use crate::wizard::Wizard;
use crate::wizard::page::{Mark, Tone};
use crate::wizard::sight::{RAIL, RailMark};

/// The title row.
pub fn title(wizard: &Wizard, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut left: Runs = Vec::new();
    if wizard.sandbox().is_some() {
        left.push((" SANDBOX ".to_owned(), theme.badge()));
        left.push((" ".to_owned(), Style::new()));
    }
    let what = wizard.subject().unwrap_or_else(|| {
        let what = if wizard.watches() {
            "an instance"
        } else {
            "new instance"
        };
        what.to_owned()
    });
    left.push((what, Style::new().add_modifier(Modifier::BOLD)));
    if area.width >= 90
        && let Some(scenario) = wizard.sandbox().filter(|name| !name.is_empty())
    {
        left.push((
            format!("   {scenario}: nothing leaves this machine"),
            theme.tone(Tone::Dim),
        ));
    }
    put(&left, area, theme, buffer);

    let mut right: Runs = Vec::new();
    match wizard.session() {
        Some(session) => {
            let identity = &session.identity;
            right.push((identity.workspace.to_string(), theme.tone(Tone::Strong)));
            right.push((format!(" / {}", identity.user), theme.tone(Tone::Dim)));
        }
        None => right.push(("not signed in".to_owned(), theme.tone(Tone::Dim))),
    }
    let room = usize::from(area.width).saturating_sub(runs_width(&left) + 3);
    let wide = runs_width(&right).min(room);
    let x = area
        .right()
        .saturating_sub(u16::try_from(wide).unwrap_or(0) + 1);
    put(
        &right,
        Rect {
            x,
            width: area.right() - x - 1,
            ..area
        },
        theme,
        buffer,
    );
}

/// The rail.
pub fn rail(wizard: &Wizard, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if wizard.watches() {
        let sign = if theme.ascii { ">" } else { "●" };
        let words = vec![
            (format!(" {sign} Watching  "), theme.tone(Tone::Title)),
            (
                "By itself this changes nothing.".to_owned(),
                theme.tone(Tone::Dim),
            ),
        ];
        put(&words, area, theme, buffer);
        return;
    }
    let marks = wizard.rail();
    let room = usize::from(area.width);
    for names in [Names::Numbered, Names::Plain] {
        let rail = places(&marks, theme, names);
        if runs_width(&rail) <= room {
            put(&rail, area, theme, buffer);
            return;
        }
    }
    let here = wizard.place();
    let mut short: Runs = vec![
        (
            format!("{} of {}  ", here + 1, RAIL.len()),
            theme.tone(Tone::Dim),
        ),
        (RAIL[here].to_owned(), theme.tone(Tone::Title)),
        ("  ".to_owned(), Style::new()),
    ];
    let signs = places(&marks, theme, Names::Hidden);
    if runs_width(&short) + runs_width(&signs) <= room {
        short.extend(signs);
    }
    put(&short, area, theme, buffer);
}

/// How much of the names on the rail there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Numbered,
    Plain,
    Hidden,
}

fn places(marks: &[RailMark; 9], theme: Theme, names: Names) -> Runs {
    let mut runs: Runs = Vec::new();
    for (index, (mark, name)) in marks.iter().zip(RAIL).enumerate() {
        let (sign, sign_style) = match mark {
            RailMark::Done => theme.sign(Mark::Ok),
            RailMark::Attention => theme.sign(Mark::Warn),
            RailMark::Here => (if theme.ascii { ">" } else { "●" }, theme.tone(Tone::Title)),
            RailMark::Skipped => (if theme.ascii { "-" } else { "–" }, theme.tone(Tone::Dim)),
            RailMark::Ahead => theme.sign(Mark::Todo),
        };
        let sign = if theme.ascii && *mark == RailMark::Done {
            "+"
        } else {
            sign
        };
        let style = match mark {
            RailMark::Here => theme.tone(Tone::Title),
            RailMark::Attention => theme.tone(Tone::Warn),
            RailMark::Done => theme.tone(Tone::Plain),
            RailMark::Ahead | RailMark::Skipped => theme.tone(Tone::Dim),
        };
        runs.push((" ".to_owned(), Style::new()));
        runs.push((sign.to_owned(), sign_style));
        match names {
            Names::Numbered => runs.push((format!(" {} {name} ", index + 1), style)),
            Names::Plain => runs.push((format!(" {name}"), style)),
            Names::Hidden => (),
        }
    }
    runs
}

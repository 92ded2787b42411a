//! Lines of meaning become cells: styles, wrapping at the width, rules.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use crate::theme::Theme;
use crate::wizard::page::{Line, Piece, Tone};

/// Nothing is wrapped at less than this.
const NARROWEST: u16 = 8;
/// A graph is given at least this many columns.
const SHORTEST: usize = 8;

/// A line of styled runs that fits a width.
pub type Runs = Vec<(String, Style)>;

/// The runs of a line, unwrapped.
pub fn runs(line: &Line, theme: Theme) -> Runs {
    line.0.iter().map(|piece| run(piece, theme)).collect()
}

fn run(piece: &Piece, theme: Theme) -> (String, Style) {
    match piece {
        Piece::Text(Tone::Address, text) => (text.clone(), theme.address(text)),
        Piece::Text(tone, text) => (text.clone(), theme.tone(*tone)),
        Piece::Mark(mark) => {
            let (sign, style) = theme.sign(*mark);
            (sign.to_owned(), style)
        }
        Piece::Graph(tone, values) => {
            let levels = theme.levels();
            let column = |value: &u8| levels[level(*value, levels.len() - 1)];
            (values.iter().map(column).collect(), theme.tone(*tone))
        }
        Piece::Bar(tone, share, width) => {
            let width = usize::from(*width);
            let filled = level(*share, width).min(if *share < 100 {
                width.saturating_sub(1)
            } else {
                width
            });
            let (full, empty) = theme.bar();
            let bar = full.repeat(filled) + &empty.repeat(width - filled);
            (bar, theme.tone(*tone))
        }
    }
}

/// A value of 0 to 100 as one of 0 to `most`. Only nothing at all is 0.
fn level(value: u8, most: usize) -> usize {
    match usize::from(value.min(100)) {
        0 => 0,
        value => (value * most / 100).clamp(1, most.max(1)).min(most),
    }
}

/// The runs of a line for this many columns: what a graph has too many of is left out, the oldest first.
pub fn fitted(line: &Line, room: usize, theme: Theme) -> Runs {
    let mut runs = runs(line, theme);
    let mut excess = runs_width(&runs).saturating_sub(room);
    for ((text, _), piece) in runs.iter_mut().zip(&line.0) {
        if let Piece::Graph(_, values) = piece {
            let gone = excess.min(values.len().saturating_sub(SHORTEST));
            *text = text.chars().skip(gone).collect();
            excess -= gone;
        }
    }
    runs
}

/// Wraps lines at the width, between words where that is possible. A wrapped line goes on under its own start.
pub fn wrap(lines: &[Line], width: u16, theme: Theme) -> Vec<Runs> {
    lines
        .iter()
        .flat_map(|line| {
            let limit = usize::from(width.max(NARROWEST));
            let whole = fitted(line, limit, theme);
            let indent = indent(&whole, limit);
            broken(whole, limit, indent)
        })
        .collect()
}

/// Wraps one line; it goes on in this column.
pub fn wrap_under(line: &Line, indent: u16, width: u16, theme: Theme) -> Vec<Runs> {
    let limit = usize::from(width.max(NARROWEST));
    broken(fitted(line, limit, theme), limit, usize::from(indent))
}

/// Writes runs from the left; what does not fit is cut with a sign.
pub fn put(runs: &Runs, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let mut x = area.x;
    for (text, style) in runs {
        if x >= area.right() {
            break;
        }
        let left = area.right() - x;
        let (end, _) = buffer.set_stringn(x, area.y, text, usize::from(left), *style);
        // Blanks that do not fit are no loss.
        if width(text.trim_end()) > usize::from(left) {
            buffer.set_stringn(area.right() - 1, area.y, theme.cut(), 1, *style);
        }
        x = end;
    }
}

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Columns that runs take.
pub fn runs_width(runs: &Runs) -> usize {
    runs.iter().map(|(text, _)| width(text)).sum()
}

/// A line across.
pub fn rule(theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let sign = if theme.ascii { "-" } else { "─" };
    buffer.set_stringn(
        area.x,
        area.y,
        sign.repeat(usize::from(area.width)),
        usize::from(area.width),
        theme.rule(),
    );
}

fn broken(whole: Runs, limit: usize, indent: usize) -> Vec<Runs> {
    if runs_width(&whole) <= limit {
        return vec![whole];
    }
    let indent = indent.min(limit / 2);
    let mut rows: Vec<Runs> = vec![Vec::new()];
    let mut used = 0;
    for (text, style) in whole {
        for word in words(&text) {
            let wide = width(word);
            let fits = used + width(word.trim_end()) <= limit;
            if !fits && used > indent && wide <= limit - indent {
                rows.push(vec![(" ".repeat(indent), Style::new())]);
                used = indent;
                if word.trim().is_empty() {
                    continue;
                }
            }
            if used + width(word.trim_end()) <= limit {
                push(&mut rows, word, style);
                used += wide;
                continue;
            }
            // A word longer than the line is cut where it must be.
            for c in word.chars() {
                let wide = c.width().unwrap_or(0);
                if used + wide > limit {
                    rows.push(vec![(" ".repeat(indent), Style::new())]);
                    used = indent;
                }
                push(&mut rows, c.encode_utf8(&mut [0; 4]), style);
                used += wide;
            }
        }
    }
    rows
}

fn push(rows: &mut [Runs], text: &str, style: Style) {
    let Some(row) = rows.last_mut() else { return };
    match row.last_mut() {
        Some((last, last_style)) if *last_style == style => last.push_str(text),
        _ => row.push((text.to_owned(), style)),
    }
}

/// Words with the blanks behind them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

/// Where a wrapped line goes on: under its last column where it has columns, else under its first word.
///
/// A column begins behind a label, or behind two blanks.
fn indent(runs: &Runs, limit: usize) -> usize {
    let mut column = 0;
    let mut at = 0;
    for (index, pair) in runs.windows(2).enumerate() {
        at += width(&pair[0].0);
        let label = index == 0 && pair[0].0.ends_with(' ') && at <= 16;
        if (label || pair[0].0.ends_with("  ")) && at <= limit / 2 {
            column = at;
        }
    }
    if column > 0 {
        return column;
    }
    let mut columns = 0;
    for (index, (text, _)) in runs.iter().enumerate() {
        let blanks = text.len() - text.trim_start().len();
        let sign = index == 0 && blanks == 0 && runs.len() > 1 && width(text) <= 2;
        if sign || (index > 0 && text.trim().is_empty()) {
            columns += width(text);
            continue;
        }
        return columns + blanks;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASCII: Theme = Theme {
        colours: crate::theme::Colours::None,
        ascii: true,
        hides: crate::theme::Hidden::NOTHING,
    };

    fn shown(line: &Line, room: usize, theme: Theme) -> String {
        let runs = fitted(line, room, theme);
        runs.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn a_graph_has_a_column_for_each_value_and_only_nothing_is_empty() {
        let line = Line::graph(Tone::Good, [0, 1, 28, 29, 50, 99, 100, 255]);
        assert_eq!(shown(&line, 80, Theme::default()), "▁▂▂▃▄▇██");
        assert_eq!(shown(&line, 80, ASCII), "_..-:*##");
        assert_eq!(line.words(), "100%");
        assert_eq!(Line::graph(Tone::Good, []).words(), "");
    }

    #[test]
    fn a_graph_without_room_keeps_its_newest_values() {
        let values: Vec<u8> = [[0; 20], [100; 20]].concat();
        let line = Line::from("cpu ")
            .join(Line::graph(Tone::Good, values))
            .plain(" 100%");
        assert_eq!(
            shown(&line, 34, ASCII),
            "cpu _____#################### 100%"
        );
        assert_eq!(shown(&line, 10, ASCII), "cpu ######## 100%");
        assert_eq!(wrap(&[line], 40, ASCII).len(), 1);
    }

    #[test]
    fn a_bar_is_as_wide_as_it_was_asked_for() {
        for (share, bar) in [
            (0, "░░░░░░░░"),
            (1, "█░░░░░░░"),
            (50, "████░░░░"),
            (99, "███████░"),
            (100, "████████"),
            (200, "████████"),
        ] {
            let line = Line::bar(Tone::Warn, share, 8);
            assert_eq!(shown(&line, 80, Theme::default()), bar, "{share}");
        }
        assert_eq!(shown(&Line::bar(Tone::Warn, 50, 8), 80, ASCII), "####....");
        assert_eq!(shown(&Line::bar(Tone::Warn, 50, 0), 80, ASCII), "");
        assert_eq!(shown(&Line::bar(Tone::Warn, 50, 1), 80, ASCII), ".");
        assert_eq!(
            Line::from("disk ")
                .join(Line::bar(Tone::Warn, 42, 8))
                .words(),
            "disk 42%"
        );
    }

    #[test]
    fn what_was_found_is_seen_in_every_theme() {
        use crate::theme::Colours;
        use ratatui::style::Modifier;
        for colours in [Colours::Dark, Colours::Light, Colours::None] {
            let theme = Theme {
                colours,
                ascii: false,
                hides: crate::theme::Hidden::NOTHING,
            };
            let style = theme.tone(Tone::Match);
            assert!(style.add_modifier.contains(Modifier::REVERSED));
            assert_ne!(
                style.patch(theme.cursor()),
                theme.cursor(),
                "under the cursor too"
            );
        }
    }

    fn wrapped(line: Line, width: u16) -> Vec<String> {
        wrap(&[line], width, Theme::default())
            .iter()
            .map(|runs| {
                runs.iter()
                    .map(|(text, _)| text.as_str())
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn a_long_line_breaks_between_words() {
        assert_eq!(
            wrapped(Line::from("one two three four five"), 10),
            ["one two", "three four", "five"]
        );
    }

    #[test]
    fn a_point_goes_on_under_its_words() {
        let line = Line::new()
            .mark(crate::wizard::page::Mark::Dot)
            .plain("one two three four");
        assert_eq!(wrapped(line, 12), ["• one two", "  three four"]);
    }

    #[test]
    fn a_value_goes_on_under_the_value() {
        assert_eq!(
            wrapped(Line::pair("label", 7, "aaaa bbbb cccc"), 17),
            ["label  aaaa bbbb", "       cccc"]
        );
    }

    #[test]
    fn a_word_without_blanks_is_cut_and_nothing_is_lost() {
        let rows = wrapped(Line::from("x".repeat(25)), 10);
        assert_eq!(rows.concat().len(), 25);
        assert!(rows.iter().all(|row| row.len() <= 10));
    }

    #[test]
    fn wide_letters_count_twice() {
        assert_eq!(wrapped(Line::from("東京東京東京"), 8), ["東京東京", "東京"]);
    }
}

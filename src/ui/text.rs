//! Lines of meaning become cells: styles, wrapping at the width, rules.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use crate::theme::Theme;
use crate::wizard::page::{Line, Piece};

/// A line of styled runs that fits a width.
pub type Runs = Vec<(String, Style)>;

/// The runs of a line, unwrapped.
pub fn runs(line: &Line, theme: Theme) -> Runs {
    line.0
        .iter()
        .map(|piece| match piece {
            Piece::Text(tone, text) => (text.clone(), theme.tone(*tone)),
            Piece::Mark(mark) => {
                let (sign, style) = theme.sign(*mark);
                (sign.to_owned(), style)
            }
        })
        .collect()
}

/// Wraps lines at the width, between words where that is possible. A wrapped line goes on under its own start.
pub fn wrap(lines: &[Line], width: u16, theme: Theme) -> Vec<Runs> {
    lines
        .iter()
        .flat_map(|line| wrap_line(line, usize::from(width.max(8)), theme))
        .collect()
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
            let sign = if theme.ascii { ">" } else { "…" };
            buffer.set_stringn(area.right() - 1, area.y, sign, 1, *style);
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

fn wrap_line(line: &Line, limit: usize, theme: Theme) -> Vec<Runs> {
    let whole = runs(line, theme);
    if runs_width(&whole) <= limit {
        return vec![whole];
    }
    let indent = indent(&whole, limit).min(limit / 2);
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

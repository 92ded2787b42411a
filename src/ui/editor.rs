//! A text being edited: line numbers, the selection, and where the cursor stands.
//!
//! Drawn here and not by the text area, so that looks come from the theme and control characters are shown. Where
//! the window stands over the text follows from the cursor alone; nothing has to be remembered between frames.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_textarea::TextArea;

use super::text::{Runs, put, width};
use crate::shown::Shown;
use crate::theme::Theme;
use crate::wizard::page::Tone;

/// Draws the part of the text around the cursor. Says where the cursor stands on the screen.
pub fn draw(
    editor: &TextArea<'static>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let lines = editor.lines();
    let digits = lines.len().to_string().len();
    let gutter = u16::try_from(digits + 2).unwrap_or(u16::MAX);
    if area.height == 0 || area.width <= gutter + 2 {
        return None;
    }
    let text_area = Rect {
        x: area.x + gutter,
        width: area.width - gutter,
        ..area
    };
    let (row, column) = (editor.cursor().0, editor.cursor().1);
    let tab = usize::from(editor.tab_length()).max(1);
    let before: String = lines.get(row)?.chars().take(column).collect();
    let cursor = cells(&before, tab).iter().map(|cell| width(cell)).sum();
    let top = window(row, usize::from(area.height), lines.len());
    // One column stays free for a cursor behind the last letter.
    let left = window(cursor, usize::from(text_area.width), usize::MAX);
    for (y, index) in (area.y..area.bottom()).zip(top..lines.len()) {
        let number = vec![(format!("{:>digits$}  ", index + 1), theme.tone(Tone::Dim))];
        put(
            &number,
            Rect {
                y,
                height: 1,
                ..area
            },
            theme,
            buffer,
        );
        let runs = runs(&lines[index], tab, selected(editor, index), left, theme);
        let at = Rect {
            y,
            height: 1,
            ..text_area
        };
        put(&runs, at, theme, buffer);
    }
    Some(Position {
        x: text_area.x + u16::try_from(cursor - left).ok()?,
        y: area.y + u16::try_from(row - top).ok()?,
    })
}

/// Where a window of this size begins so that the cursor is inside and has company on both sides. It jumps by halves,
/// so that the text does not slide under every step of the cursor.
fn window(cursor: usize, size: usize, length: usize) -> usize {
    if cursor < size && (length == usize::MAX || length <= size) {
        return 0;
    }
    let half = (size / 2).max(1);
    let start = (cursor / half * half).saturating_sub(half / 2);
    start.min(length.saturating_sub(size))
}

/// The characters of a line that are selected. One more than it has stands for its line end.
fn selected(editor: &TextArea<'static>, index: usize) -> std::ops::Range<usize> {
    let Some((start, end)) = editor.selection_range() else {
        return 0..0;
    };
    if index < start.0 || index > end.0 {
        return 0..0;
    }
    let from = if index == start.0 { start.1 } else { 0 };
    let to = if index == end.0 { end.1 } else { usize::MAX };
    from..to
}

/// A line from column `left` on.
fn runs(
    line: &str,
    tab: usize,
    selected: std::ops::Range<usize>,
    left: usize,
    theme: Theme,
) -> Runs {
    let mut runs: Runs = Vec::new();
    let mut column = 0;
    for (index, cell) in cells(line, tab).into_iter().enumerate() {
        let wide = width(&cell);
        column += wide;
        if column < left {
            continue;
        }
        // What the edge cuts through leaves blanks.
        let cell = if column - wide < left {
            " ".repeat(column - left)
        } else {
            cell
        };
        let style = if selected.contains(&index) {
            theme.button()
        } else {
            theme.tone(Tone::Plain)
        };
        match runs.last_mut() {
            Some((text, last)) if *last == style => text.push_str(&cell),
            _ => runs.push((cell, style)),
        }
    }
    runs
}

/// Every character as it is shown.
fn cells(line: &str, tab: usize) -> Vec<String> {
    let mut column = 0;
    line.chars()
        .map(|c| {
            let cell = match c {
                '\t' => " ".repeat(tab - column % tab),
                c => Shown::line(c.encode_utf8(&mut [0; 4])).to_string(),
            };
            column += width(&cell);
            cell
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tui_textarea::CursorMove;

    const AREA: Rect = Rect {
        x: 2,
        y: 1,
        width: 24,
        height: 4,
    };

    fn editor(text: &str, row: u16, column: u16) -> TextArea<'static> {
        let mut editor = TextArea::new(text.split('\n').map(str::to_owned).collect());
        editor.move_cursor(CursorMove::Jump(row, column));
        editor
    }

    fn drawn(editor: &TextArea<'static>) -> (Vec<String>, Position) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 6));
        let cursor = draw(editor, Theme::default(), AREA, &mut buffer).unwrap();
        let rows = AREA.y..AREA.bottom();
        let row = |y| {
            (AREA.x..AREA.right())
                .map(|x| buffer[(x, y)].symbol())
                .collect::<String>()
        };
        (rows.map(|y| row(y).trim_end().to_owned()).collect(), cursor)
    }

    #[test]
    fn lines_are_numbered_and_the_cursor_stands_in_the_text() {
        let (rows, cursor) = drawn(&editor("services:\n  web:", 1, 2));
        assert_eq!(rows, ["1  services:", "2    web:", "", ""]);
        assert_eq!(cursor, Position { x: 2 + 3 + 2, y: 2 });
    }

    #[test]
    fn control_characters_are_shown_and_the_cursor_knows_their_width() {
        let (rows, cursor) = drawn(&editor("a\u{1b}[1m東", 0, 2));
        assert_eq!(rows[0].replace(' ', ""), "1a\\u{1b}[1m東");
        assert_eq!(cursor.x, 2 + 3 + 7);
    }

    #[test]
    fn a_selection_is_told_from_the_rest() {
        let mut editor = editor("abcd", 0, 1);
        editor.start_selection();
        editor.move_cursor(CursorMove::Jump(0, 3));
        let theme = Theme::default();
        let runs = runs("abcd", 2, selected(&editor, 0), 0, theme);
        let texts: Vec<&str> = runs.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["a", "bc", "d"]);
        assert_eq!(runs[1].1, theme.button());
    }

    #[test]
    fn a_long_line_shows_the_part_around_the_cursor() {
        // 21 columns for the text: the window jumps by 10 and begins 5 before.
        let (rows, cursor) = drawn(&editor("0123456789012345678901234567890123456789", 0, 31));
        assert_eq!(rows[0], "1  567890123456789");
        assert_eq!(cursor.x, 2 + 3 + 6);
    }

    #[test]
    fn a_wide_letter_that_the_edge_cuts_leaves_a_blank() {
        let theme = Theme::default();
        let shown = |left| runs("東京x", 2, 0..0, left, theme)[0].0.clone();
        assert_eq!(shown(0), "東京x");
        assert_eq!(shown(1), " 京x");
        assert_eq!(shown(2), "京x");
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_inside(
            lines in proptest::collection::vec("[ab東\t\u{1b}]{0,60}", 1..30),
            row in 0..40_u16,
            column in 0..80_u16,
        ) {
            let (_, cursor) = drawn(&editor(&lines.join("\n"), row, column));
            prop_assert!(AREA.contains(cursor), "{cursor:?}");
        }
    }
}

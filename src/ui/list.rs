//! A list: only the visible rows are made, columns give way by rank where the width does not suffice.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::text::{self, fitted, put, runs_width};
use crate::theme::Theme;
use crate::wizard::page::{Column, List, Tone};

/// Between two columns.
const GAP: u16 = 2;
/// Room for the count of rows above and below.
const MARGIN: u16 = 6;
/// Room for the cursor's sign.
const CURSOR: u16 = 2;

/// Draws the list.
pub fn draw(list: &List, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    if list.len == 0 {
        for (row, line) in text::wrap(&list.empty, area.width, theme)
            .iter()
            .enumerate()
            .take(usize::from(area.height))
        {
            put(line, line_of(area, row), theme, buffer);
        }
        return;
    }
    // How much there is above and below stands on the right edge, beside the rows and not on them.
    let margin = if list.len > usize::from(area.height) {
        MARGIN
    } else {
        0
    };
    let columns = fit(list.columns, area.width.saturating_sub(CURSOR + margin));
    let titled = area.height > 3
        && columns
            .iter()
            .any(|(index, ..)| !list.columns[*index].title.is_empty());
    let mut rows = area;
    if titled {
        for (index, x, width) in &columns {
            let column = &list.columns[*index];
            cell(
                &vec![(column.title.to_owned(), theme.tone(Tone::Dim))],
                column,
                area.x + CURSOR + x,
                area.y,
                *width,
                theme,
                buffer,
            );
        }
        rows = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
    }
    let height = usize::from(rows.height);
    let first = first_visible(list.selected.unwrap_or(0), list.len, height);
    for (line, index) in (first..list.len.min(first + height)).enumerate() {
        let at = line_of(rows, line);
        let row = (list.row)(index);
        let here = list.selected == Some(index);
        if here {
            buffer.set_string(at.x, at.y, theme.here(), theme.tone(Tone::Title));
        }
        for (column_index, x, width) in &columns {
            let Some(line) = row.cells.get(*column_index) else {
                continue;
            };
            let mut styled = fitted(line, usize::from(*width), theme);
            let patch = match (here, *column_index) {
                (false, _) => Style::new(),
                (true, 0) => theme.cursor(),
                (true, _) => theme.beside_cursor(),
            };
            for (_, style) in &mut styled {
                *style = row_style(style.patch(patch), row.usable);
            }
            cell(
                &styled,
                &list.columns[*column_index],
                at.x + CURSOR + x,
                at.y,
                *width,
                theme,
                buffer,
            );
        }
    }
    if list.len > height {
        more(list.len, first, height, theme, rows, buffer);
    }
}

/// The first row on screen. Whole pages turn, so moving the cursor changes two rows and not all of them.
fn first_visible(selected: usize, len: usize, height: usize) -> usize {
    if len <= height || height == 0 {
        return 0;
    }
    (selected / height * height).min(len.saturating_sub(height))
}

fn row_style(style: Style, usable: bool) -> Style {
    if usable {
        style
    } else {
        style.add_modifier(Modifier::DIM)
    }
}

/// How much there is above and below, on the right edge.
fn more(len: usize, first: usize, height: usize, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let (up, down) = theme.up_and_down();
    let mut say = |text: String, y: u16| {
        let width = u16::try_from(text::width(&text))
            .unwrap_or(0)
            .min(area.width);
        buffer.set_string(area.right() - width, y, text, theme.tone(Tone::Dim));
    };
    if first > 0 {
        say(format!("{up}{first}"), area.y);
    }
    let below = len.saturating_sub(first + height);
    if below > 0 {
        say(format!("{down}{below}"), area.bottom() - 1);
    }
}

/// Which columns are drawn, where, and how wide.
fn fit(columns: &[Column], room: u16) -> Vec<(usize, u16, u16)> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let need = |kept: &[usize]| -> u16 {
        let widths: u16 = kept.iter().map(|index| columns[*index].width).sum();
        widths + GAP * u16::try_from(kept.len().saturating_sub(1)).unwrap_or(0)
    };
    while need(&kept) > room
        && let Some(worst) = kept
            .iter()
            .copied()
            .max_by_key(|index| columns[*index].rank)
            .filter(|index| columns[*index].rank > 0)
    {
        kept.retain(|index| *index != worst);
    }
    let spare = room.saturating_sub(need(&kept));
    // With several columns, numbers stay near the name they belong to.
    let most = if columns.len() > 2 { 24 } else { u16::MAX };
    let growing = u16::try_from(kept.iter().filter(|index| columns[**index].grows).count())
        .unwrap_or(1)
        .max(1);
    let mut x = 0;
    kept.into_iter()
        .map(|index| {
            let column = &columns[index];
            let width = column.width
                + if column.grows {
                    (spare / growing).min(most)
                } else {
                    0
                };
            let at = (index, x, width.min(room.saturating_sub(x)));
            x += width + GAP;
            at
        })
        .collect()
}

fn cell(
    styled: &text::Runs,
    column: &Column,
    x: u16,
    y: u16,
    width: u16,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let wide = u16::try_from(runs_width(styled)).unwrap_or(u16::MAX);
    let shift = if column.right {
        width.saturating_sub(wide)
    } else {
        0
    };
    put(
        styled,
        Rect {
            x: x + shift,
            y,
            width: width.saturating_sub(shift),
            height: 1,
        },
        theme,
        buffer,
    );
}

fn line_of(area: Rect, line: usize) -> Rect {
    Rect {
        y: area.y + u16::try_from(line).unwrap_or(0),
        height: 1,
        ..area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_high_rank_give_way_first_and_the_first_stays() {
        const COLUMNS: &[Column] = &[
            Column::grow("Name", 10),
            Column::new("Live", 6, 1),
            Column::new("Created", 10, 4),
        ];
        let indices = |room| {
            fit(COLUMNS, room)
                .into_iter()
                .map(|(index, ..)| index)
                .collect::<Vec<_>>()
        };
        assert_eq!(indices(60), [0, 1, 2]);
        assert_eq!(indices(20), [0, 1]);
        assert_eq!(indices(12), [0]);
    }

    #[test]
    fn the_cursor_is_always_on_screen() {
        for height in 1..8 {
            for selected in 0..30 {
                let first = first_visible(selected, 30, height);
                assert!(
                    (first..first + height).contains(&selected),
                    "{selected} in {height}"
                );
            }
        }
    }
}

//! A page on the screen: its blocks from top to bottom, and the facts beside them where there is room.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::text::{self, Runs, put};
use super::{editor, list, log, tabs};
use crate::theme::Theme;
use crate::wizard::field::Field;
use crate::wizard::page::{Block, Line, Page, Tone};
use crate::wizard::sight::View;

/// From this width on, the facts stand beside the page.
const WIDE: u16 = 92;
/// The facts are never wider than this.
const SIDE: u16 = 40;
/// A list or editor is given at least this many rows.
const LEAST: u16 = 3;

/// Draws a page. Says where the cursor of a text field stands.
pub fn draw(
    page: &Page,
    view: View,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let has_side = !page.side.is_empty();
    if has_side && area.width >= WIDE {
        let side_width = (area.width * 38 / 100).min(SIDE);
        let main = Rect {
            width: area.width - side_width - 3,
            ..area
        };
        let side = Rect {
            x: main.right() + 3,
            width: side_width,
            ..area
        };
        let bar = if theme.ascii { "|" } else { "│" };
        for y in area.y..area.bottom() {
            buffer.set_string(main.right() + 1, y, bar, theme.rule());
        }
        facts(&page.side, 0, theme, side, buffer);
        return blocks(&page.main, view.scroll, theme, main, buffer);
    }
    if has_side && view.side {
        facts(&page.side, view.scroll, theme, area, buffer);
        return None;
    }
    blocks(&page.main, view.scroll, theme, area, buffer)
}

fn facts(lines: &[Line], scroll: u16, theme: Theme, area: Rect, buffer: &mut Buffer) {
    flow(
        &text::wrap(lines, area.width, theme),
        scroll,
        theme,
        area,
        buffer,
    );
}

/// Tabs stay where they are, with what stands above them as long as there is room; the rest is drawn below.
fn blocks(
    blocks: &[Block],
    scroll: u16,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let tabs = blocks
        .iter()
        .position(|block| matches!(block, Block::Tabs(..)));
    let Some((head, rest)) = tabs.and_then(|at| blocks.split_at_checked(at + 1)) else {
        return under_tabs(blocks, scroll, theme, area, buffer);
    };
    let mut rows: Vec<Runs> = Vec::new();
    for block in head {
        match block {
            Block::Text(lines) => rows.extend(text::wrap(lines, area.width, theme)),
            Block::Tabs(names, front) => rows.push(tabs::runs(names, *front, area.width, theme)),
            _ => (),
        }
    }
    let least = usize::from(area.height.saturating_sub(LEAST)).max(1);
    let rows = &rows[rows.len().saturating_sub(least)..];
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    flow(rows, 0, theme, Rect { height, ..area }, buffer);
    let below = Rect {
        y: area.y + height,
        height: area.height - height,
        ..area
    };
    under_tabs(rest, scroll, theme, below, buffer)
}

fn under_tabs(
    blocks: &[Block],
    scroll: u16,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let flexible =
        |block: &Block| matches!(block, Block::List(_) | Block::Editor(_) | Block::Log(_));
    let texts: Vec<Vec<Runs>> = blocks
        .iter()
        .map(|block| match block {
            Block::Text(lines) => text::wrap(lines, area.width, theme),
            _ => Vec::new(),
        })
        .collect();
    if !blocks.iter().any(flexible) {
        return fixed(blocks, texts, scroll, theme, area, buffer);
    }
    let height = |index: usize, block: &Block| -> u16 {
        match block {
            Block::Text(_) => u16::try_from(texts[index].len()).unwrap_or(u16::MAX),
            Block::Field { .. } | Block::Buttons(..) | Block::Tabs(..) => 1,
            Block::List(_) | Block::Editor(_) | Block::Log(_) => LEAST,
        }
    };
    // What stands below the list gives way first: it only explains.
    let mut shown: Vec<usize> = (0..blocks.len()).collect();
    let total = |shown: &[usize]| {
        shown
            .iter()
            .map(|index| u32::from(height(*index, &blocks[*index])))
            .sum::<u32>()
    };
    while total(&shown) > u32::from(area.height)
        && let Some(last) = shown
            .iter()
            .rposition(|index| matches!(blocks[*index], Block::Text(_)))
        && last > 0
    {
        shown.remove(last);
    }
    let spare = u32::from(area.height).saturating_sub(total(&shown));
    let spare = u16::try_from(spare).unwrap_or(0);
    let mut y = area.y;
    let mut cursor = None;
    for index in shown {
        let block = &blocks[index];
        let rows = height(index, block) + if flexible(block) { spare } else { 0 };
        let at = Rect {
            y,
            height: rows.min(area.bottom().saturating_sub(y)),
            ..area
        };
        cursor = draw_block(block, &texts[index], theme, at, buffer).or(cursor);
        y += at.height;
    }
    cursor
}

/// A page without a list: it scrolls as a whole.
fn fixed(
    blocks: &[Block],
    texts: Vec<Vec<Runs>>,
    scroll: u16,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let mut rows: Vec<Runs> = Vec::new();
    let mut field_at = None;
    let mut buttons_at = None;
    for (block, text) in blocks.iter().zip(texts) {
        match block {
            Block::Text(_) => rows.extend(text),
            Block::Field { label, field } => {
                field_at = Some((rows.len(), *label, *field));
                rows.push(field_runs(label, field, area.width, theme).0);
            }
            Block::Buttons(labels, focus) => {
                buttons_at = Some(rows.len());
                rows.push(button_runs(labels, *focus, area.width, theme));
            }
            Block::Tabs(names, front) => rows.push(tabs::runs(names, *front, area.width, theme)),
            // Only called for pages without any.
            Block::List(_) | Block::Editor(_) | Block::Log(_) => (),
        }
    }
    // What has the focus stays on screen, whatever was scrolled.
    let focus = field_at.map(|(row, ..)| row).or(buttons_at);
    let height = usize::from(area.height);
    let scroll = match focus {
        // One row more, because the last one may say that there is more.
        Some(row) if row + 1 >= height => u16::try_from(row + 2 - height).unwrap_or(0).max(scroll),
        _ => scroll,
    };
    let first = flow(&rows, scroll, theme, area, buffer);
    let (row, label, field) = field_at?;
    let y = row.checked_sub(first).filter(|row| *row < height)?;
    let (_, column) = field_runs(label, field, area.width, theme);
    Some(Position {
        x: area.x + column,
        y: area.y + u16::try_from(y).unwrap_or(0),
    })
}

/// Writes rows from `scroll` on, and says at the edge that there is more. Returns the first row written.
fn flow(rows: &[Runs], scroll: u16, theme: Theme, area: Rect, buffer: &mut Buffer) -> usize {
    let height = usize::from(area.height);
    let first = usize::from(scroll).min(rows.len().saturating_sub(height));
    for (line, row) in rows.iter().skip(first).take(height).enumerate() {
        put(
            row,
            Rect {
                y: area.y + u16::try_from(line).unwrap_or(0),
                height: 1,
                ..area
            },
            theme,
            buffer,
        );
    }
    let below = rows.len().saturating_sub(first + height);
    let (up, down) = theme.up_and_down();
    if first > 0 && height > 2 {
        more(up, first, area.y, theme, area, buffer);
    }
    if below > 0 && height > 0 {
        more(down, below, area.bottom() - 1, theme, area, buffer);
    }
    first
}

/// Says at the right edge of a row that there is more that way.
pub(super) fn more(
    arrow: &str,
    count: usize,
    y: u16,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let words = format!(" {arrow} {count} more ");
    let width = u16::try_from(text::width(&words))
        .unwrap_or(0)
        .min(area.width);
    let x = area.right() - width;
    let style = theme.tone(Tone::Accent);
    buffer.set_stringn(x, y, words, usize::from(width), style);
}

fn draw_block(
    block: &Block,
    text: &[Runs],
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    if area.height == 0 {
        return None;
    }
    match block {
        Block::Text(_) => {
            flow(text, 0, theme, area, buffer);
            None
        }
        Block::List(list) => {
            list::draw(list, theme, area, buffer);
            None
        }
        Block::Editor(editor) => editor::draw(editor, theme, area, buffer),
        Block::Field { label, field } => {
            let (runs, column) = field_runs(label, field, area.width, theme);
            put(&runs, area, theme, buffer);
            Some(Position {
                x: area.x + column,
                y: area.y,
            })
        }
        Block::Buttons(labels, focus) => {
            let runs = button_runs(labels, *focus, area.width, theme);
            put(&runs, area, theme, buffer);
            None
        }
        Block::Tabs(names, front) => {
            let runs = tabs::runs(names, *front, area.width, theme);
            put(&runs, area, theme, buffer);
            None
        }
        Block::Log(view) => {
            log::draw(view, theme, area, buffer);
            None
        }
    }
}

/// A field as runs, and the column of its cursor. A long text is scrolled so that the cursor shows.
fn field_runs(label: &str, field: &Field, width: u16, theme: Theme) -> (Runs, u16) {
    let head = format!("{label}: ");
    let room = usize::from(width)
        .saturating_sub(text::width(&head) + 1)
        .max(4);
    let (shown, before) = if field.is_hidden() {
        let count = field.text().chars().count();
        let shown = if count == 0 {
            String::new()
        } else {
            format!("{}  {count} characters, hidden", "*".repeat(count.min(8)))
        };
        (shown, count.min(8))
    } else {
        let before = text::width(&field.text()[..field.cursor()]);
        let skip = before.saturating_sub(room.saturating_sub(1));
        let mut columns = 0;
        let shown: String = field
            .text()
            .chars()
            .skip_while(|c| {
                let skipped = columns < skip;
                columns += if skipped {
                    unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0)
                } else {
                    0
                };
                skipped
            })
            .collect();
        (shown, before - skip.min(before))
    };
    let column = text::width(&head) + before;
    let runs = vec![
        (head, theme.tone(Tone::Dim)),
        (shown, theme.tone(Tone::Strong)),
    ];
    (
        runs,
        u16::try_from(column)
            .unwrap_or(0)
            .min(width.saturating_sub(1)),
    )
}

fn button_runs(labels: &[&str], focus: usize, width: u16, theme: Theme) -> Runs {
    // A button is its label in a frame of four columns.
    let buttons: usize = labels.iter().map(|label| text::width(label) + 4).sum();
    let roomy = buttons + 3 * labels.len() <= usize::from(width);
    let gap = if roomy { "   " } else { " " };
    let mut runs: Runs = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let here = index == focus;
        let style = if here {
            theme.button()
        } else {
            theme.tone(Tone::Plain)
        };
        runs.push((gap.to_owned(), theme.tone(Tone::Plain)));
        runs.push((
            if here {
                format!("> {label} <")
            } else {
                format!("[ {label} ]")
            },
            style,
        ));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::page::{Anchor, LogView};

    const NAMES: &[&str] = &["Status", "Logs"];

    fn drawn(main: Vec<Block>, scroll: u16, height: u16) -> Vec<String> {
        let page = Page {
            main,
            ..Page::default()
        };
        let view = View {
            scroll,
            ..View::default()
        };
        let area = Rect::new(0, 0, 30, height);
        let mut buffer = Buffer::empty(area);
        draw(&page, view, Theme::default(), area, &mut buffer);
        let text = |y| (0..30).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| text(y).trim_end().to_owned()).collect()
    }

    fn numbers(count: usize) -> Vec<Line> {
        (0..count).map(|n| Line::from(n.to_string())).collect()
    }

    #[test]
    fn tabs_stay_while_what_is_below_scrolls() {
        let page = || {
            vec![
                Block::Text(vec!["orders-api".into()]),
                Block::Tabs(NAMES, 0),
                Block::Text(numbers(5)),
            ]
        };
        let head = ["orders-api", "[Status] Logs"];
        assert_eq!(
            drawn(page(), 0, 7),
            [&head[..], &["0", "1", "2", "3", "4"]].concat()
        );
        let rows = drawn(page(), 2, 5);
        assert_eq!(rows[..2], head);
        assert!(rows[2].starts_with('2'), "{rows:?}");
        assert_eq!(
            drawn(page(), 0, 4)[0],
            "[Status] Logs",
            "what is above goes first"
        );
    }

    #[test]
    fn a_log_takes_the_room_that_is_left() {
        let log = LogView {
            len: 100,
            row: Box::new(|row| Line::from(row.to_string())),
            anchor: Anchor::Bottom,
            wrap: false,
            indent: 0,
            selected: None,
            empty: Vec::new(),
        };
        let page = vec![
            Block::Tabs(NAMES, 1),
            Block::Text(vec!["from the start".into()]),
            Block::Log(log),
        ];
        assert_eq!(
            drawn(page, 0, 6),
            [
                " Status [Logs]",
                "from the start",
                " 96",
                " 97",
                " 98",
                " 99"
            ]
        );
    }
}

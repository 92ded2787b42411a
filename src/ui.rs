//! The UI draws: it reads the wizard and writes a frame, and decides nothing.
//!
//! ```text
//!  ◆ new instance                 acme / dana   api.example     header: where and who      (header)
//!  ✓ App  ● Node  · Compose  · Env  · Script  · Review ..       rail: how far              (header)
//!  ──────────────────────────────────────────────────────
//!  the page: blocks of lines, a list,    │ facts beside it,     body                       (body, list, log)
//!  a field, buttons, tabs                │ where there is room               (editor, tabs)
//!  ──────────────────────────────────────────────────────
//!  what is at stake, or what happens                            note                       (footer)
//!  Enter take   / filter   ? keys   Esc back                    keys that do something now (footer)
//! ```

mod body;
mod editor;
mod footer;
mod header;
mod links;
mod list;
mod log;
mod tabs;
mod text;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect};
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear};

use crate::theme::Theme;
use crate::theme::address::Links;
use crate::wizard::Wizard;
use crate::wizard::overlay::Overlay;
use crate::wizard::page::Page;
use crate::wizard::sight::View;

/// The smallest window that can be used.
pub const SMALLEST: (u16, u16) = (40, 12);

const ASCII_BORDER: border::Set = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws the whole screen, for who cannot open an address from there.
pub fn draw(wizard: &Wizard, theme: &Theme, frame: &mut Frame) {
    draw_linked(wizard, theme, frame);
}

/// Draws the whole screen, and says where the addresses on it lead.
pub fn draw_linked(wizard: &Wizard, theme: &Theme, frame: &mut Frame) -> Links {
    let mut links = Links::default();
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(area, frame);
        return links;
    }
    let theme = *theme;
    let roomy = area.height >= 20;
    let rule = u16::from(roomy);
    let hides = theme.hides;
    let rows = u16::from(!hides.banner);
    // What is not real is marked as such, whatever else is left out.
    let title = u16::from(!hides.banner || wizard.sandbox().is_some());
    let [head, rail, above, body, below, note, keys] = Layout::vertical([
        Constraint::Length(title),
        Constraint::Length(rows),
        Constraint::Length(rows),
        Constraint::Min(1),
        Constraint::Length(rule),
        Constraint::Length(1),
        Constraint::Length(u16::from(!hides.footer)),
    ])
    .areas(area);
    if title > 0 {
        header::title(wizard, theme, head, frame.buffer_mut());
    }
    if !hides.banner {
        header::rail(wizard, theme, rail, frame.buffer_mut());
        text::rule(theme, above, frame.buffer_mut());
    }
    text::rule(theme, below, frame.buffer_mut());
    let page = wizard.page();
    let inside = if area.width >= 60 {
        body.inner(Margin::new(1, 0))
    } else {
        body
    };
    let behind = body::draw(&page, wizard.view(), theme, inside, frame.buffer_mut());
    let front = wizard.overlay().map(Overlay::page);
    let cursor = match &front {
        None => behind,
        Some(front) => in_front(front, theme, body, frame),
    };
    let said = front.as_ref().unwrap_or(&page);
    footer::note(wizard, said, theme, note, frame.buffer_mut());
    if !hides.footer {
        footer::keys(&wizard.offer_with(&page), theme, keys, frame.buffer_mut());
    }
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
    links::gather(&page, &mut links);
    if let Some(front) = &front {
        links::gather(front, &mut links);
    }
    links
}

/// Draws a page in a box in front of another. Says where the cursor of a text field stands.
fn in_front(page: &Page, theme: Theme, body: Rect, frame: &mut Frame) -> Option<Position> {
    let area = overlay_area(body);
    frame.render_widget(Clear, area);
    let border = if theme.ascii {
        ASCII_BORDER
    } else {
        border::ROUNDED
    };
    let block = Block::bordered()
        .border_set(border)
        .border_style(theme.rule());
    let inner = block.inner(area).inner(Margin::new(1, 0));
    frame.render_widget(block, area);
    body::draw(page, View::default(), theme, inner, frame.buffer_mut())
}

fn overlay_area(body: Rect) -> Rect {
    let width = body
        .width
        .saturating_sub(4)
        .min(86)
        .max(SMALLEST.0.min(body.width));
    let height = body.height.saturating_sub(2).max(8).min(body.height);
    Rect {
        x: body.x + (body.width - width) / 2,
        y: body.y + (body.height - height) / 2,
        width,
        height,
    }
}

fn too_small(area: Rect, frame: &mut Frame) {
    let text = format!(
        "window too small ({}x{}), need {}x{}; nothing is lost",
        area.width, area.height, SMALLEST.0, SMALLEST.1
    );
    frame.buffer_mut().set_stringn(
        area.x,
        area.y,
        text,
        usize::from(area.width),
        ratatui::style::Style::new(),
    );
}

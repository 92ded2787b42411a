//! The UI draws: it reads the wizard and writes a frame, and decides nothing.
//!
//! ```text
//!  ◆ new instance                 acme / dana   api.example     header: where and who      (header)
//!  ✓ App  ● Node  · Compose  · Env  · Script  · Review ..       rail: how far              (header)
//!  ──────────────────────────────────────────────────────
//!  the page: blocks of lines, a list,    │ facts beside it,     body                       (body, list)
//!  a field, buttons                      │ where there is room
//!  ──────────────────────────────────────────────────────
//!  what is at stake, or what happens                            note                       (footer)
//!  Enter take   / filter   ? keys   Esc back                    keys that do something now (footer)
//! ```

mod body;
mod editor;
mod footer;
mod header;
mod list;
mod text;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear};

use crate::theme::Theme;
use crate::wizard::Wizard;

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

/// Draws the whole screen.
pub fn draw(wizard: &Wizard, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(area, frame);
        return;
    }
    let theme = *theme;
    let roomy = area.height >= 20;
    let rule = u16::from(roomy);
    let [head, rail, above, body, below, note, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(rule),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header::title(wizard, theme, head, frame.buffer_mut());
    header::rail(wizard, theme, rail, frame.buffer_mut());
    text::rule(theme, above, frame.buffer_mut());
    text::rule(theme, below, frame.buffer_mut());
    let page = wizard.page();
    let inside = if area.width >= 60 {
        body.inner(ratatui::layout::Margin::new(1, 0))
    } else {
        body
    };
    let cursor = body::draw(&page, wizard.view(), theme, inside, frame.buffer_mut());
    footer::note(wizard, &page, theme, note, frame.buffer_mut());
    footer::keys(&wizard.offer(), theme, keys, frame.buffer_mut());
    let cursor = match wizard.overlay() {
        None => cursor,
        Some(overlay) => {
            let page = overlay.page();
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
            let inner = block.inner(area).inner(ratatui::layout::Margin::new(1, 0));
            frame.render_widget(block, area);
            body::draw(
                &page,
                crate::wizard::View::default(),
                theme,
                inner,
                frame.buffer_mut(),
            )
        }
    };
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
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

//! What changed in a frame becomes bytes for the terminal, as few as will do.
//!
//! Between frames the pen remembers where the terminal's cursor stands, in which look it writes and whether it is shown,
//! so a frame that changes nothing sends nothing. Whoever else writes to the terminal leaves these three as they are, or
//! has the pen [forget](Pen::forget) them. What is drawn, and when, is not known here.
//!
//! Terminals do not agree on how wide everything is that is not ASCII. Only after ASCII is the way to the next cell told
//! from where the cursor is; after anything else, the place is told whole.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::style::Colored;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;

use super::links;
use crate::theme::address::Links;
use look::Look;

mod look;

/// Room for a whole frame of a large terminal.
const FRAME: usize = 64 * 1024;

/// Draws for ratatui. What it has to say leaves in one write per frame.
#[derive(Debug)]
pub struct Pen<W> {
    wire: W,
    /// What was not sent yet.
    out: Vec<u8>,
    /// Where what is printed next will stand.
    at: Option<Position>,
    /// Whether the terminal sees that as we do: all that was printed since the place was told is ASCII.
    is_sure: bool,
    look: Option<Look>,
    is_shown: Option<bool>,
    /// Where the addresses of the frame lead, where the terminal is told.
    links: Option<Rc<RefCell<Links>>>,
    /// The mark of the address that what is printed next belongs to. Between frames it is none.
    leads: Color,
}

impl<W> Pen<W> {
    /// A pen that knows nothing of its terminal yet.
    pub fn new(wire: W) -> Self {
        Self {
            wire,
            out: Vec::with_capacity(FRAME),
            at: None,
            is_sure: false,
            look: None,
            is_shown: None,
            links: None,
            leads: Color::Reset,
        }
    }

    /// Tells the terminal where addresses lead: as these say, which change with each frame before it is drawn.
    #[must_use]
    pub fn linking(self, links: Rc<RefCell<Links>>) -> Self {
        Self {
            links: Some(links),
            ..self
        }
    }

    /// Somebody else had the terminal: where its cursor is and how it looks has to be told anew.
    pub fn forget(&mut self) {
        (self.at, self.look, self.is_shown) = (None, None, None);
    }

    /// Goes where the next cell is, on the shortest way.
    fn go(&mut self, to: Position) {
        if self.at == Some(to) {
            return;
        }
        match self.at.filter(|_| self.is_sure) {
            Some(at) if at.y == to.y && to.x > at.x => self.tell(&[to.x - at.x], b'C'),
            Some(at) if at.y == to.y && to.x == 0 => self.out.push(b'\r'),
            Some(at) if at.y.checked_add(1) == Some(to.y) && to.x == 0 => {
                self.out.extend_from_slice(b"\r\n");
            }
            Some(at) if to.y > at.y && to.x == at.x => self.tell(&[to.y - at.y], b'B'),
            _ if to.x == 0 => self.tell(&[to.y.saturating_add(1)], b'H'),
            _ => self.tell(&[to.y.saturating_add(1), to.x.saturating_add(1)], b'H'),
        }
        self.at = Some(to);
        self.is_sure = true;
    }

    /// A control sequence. A number that stands alone and is 1 need not be said.
    fn tell(&mut self, numbers: &[u16], what: u8) {
        self.out.extend_from_slice(b"\x1b[");
        if numbers != [1] {
            for (index, number) in numbers.iter().enumerate() {
                if index > 0 {
                    self.out.push(b';');
                }
                look::decimal(*number, &mut self.out);
            }
        }
        self.out.push(what);
    }

    fn wear(&mut self, look: Look) {
        if self.look != Some(look) {
            look.after(self.look, &mut self.out);
            self.look = Some(look);
        }
    }

    /// What is printed next belongs to the address of this mark, or to none.
    fn lead(&mut self, mark: Color) {
        if self.leads == mark {
            return;
        }
        let Some(links) = &self.links else { return };
        if self.leads != Color::Reset {
            self.out.extend_from_slice(links::END);
        }
        self.leads = Color::Reset;
        if let (Color::Rgb(a, b, c), Some(address)) = (mark, links.borrow().find(mark)) {
            let begin = links::begin([a, b, c], address);
            self.out.extend_from_slice(begin.as_bytes());
            self.leads = mark;
        }
    }

    fn show(&mut self, is_shown: bool) {
        if self.is_shown != Some(is_shown) {
            let sequence = if is_shown { b"\x1b[?25h" } else { b"\x1b[?25l" };
            self.out.extend_from_slice(sequence);
            self.is_shown = Some(is_shown);
        }
    }
}

impl<W: Write> Backend for Pen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let has_colours = !Colored::ansi_color_disabled_memoized();
        for (x, y, cell) in content {
            self.go(Position { x, y });
            self.lead(cell.underline_color);
            self.wear(Look::of(cell, has_colours));
            let symbol = cell.symbol().as_bytes();
            self.out.extend_from_slice(symbol);
            self.is_sure &= matches!(symbol, [b' '..=b'~']);
            self.at = x.checked_add(1).map(|x| Position { x, y });
        }
        self.lead(Color::Reset);
        // What the terminal fills by itself, as when its window grows, it may fill with what is behind the text.
        if self.look.is_some_and(Look::fills) {
            self.wear(Look::PLAIN);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true);
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // The terminal would answer where keys come from, and be read as if somebody had typed that.
        Err(io::ErrorKind::Unsupported.into())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if !self.is_sure {
            self.at = None;
        }
        self.go(position);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // It is filled with what is behind the text.
        self.wear(Look::PLAIN);
        self.out.extend_from_slice(match region {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = crossterm::terminal::size()?;
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        let size = crossterm::terminal::window_size()?;
        Ok(WindowSize {
            columns_rows: Size::new(size.columns, size.rows),
            pixels: Size::new(size.width, size.height),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(self)
    }
}

/// Sequences that move nothing and change no look: a bell, a title, a copy.
impl<W: Write> Write for Pen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let sent = self.wire.write_all(&self.out);
        self.out.clear();
        sent?;
        self.wire.flush()
    }
}

#[cfg(test)]
mod tests;

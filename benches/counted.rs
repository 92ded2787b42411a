//! A terminal that only counts the bytes it is sent.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

/// Everything but the writing is what the real terminal costs: the frame, the comparison, the escape sequences.
pub struct Counted {
    terminal: Terminal<CrosstermBackend<Counter>>,
    bytes: Rc<Cell<usize>>,
}

impl Counted {
    /// A terminal of this size.
    pub fn new((width, height): (u16, u16)) -> Self {
        // Whatever NO_COLOR says here, the figures are those of a terminal with colours.
        crossterm::style::force_color_output(true);
        let bytes = Rc::<Cell<usize>>::default();
        let backend = CrosstermBackend::new(Counter(Rc::clone(&bytes)));
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport })
            .expect("a terminal that only counts");
        Self { terminal, bytes }
    }

    /// Draws a frame and says how many bytes that took.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> usize {
        self.bytes.set(0);
        self.terminal.draw(paint).expect("counting does not fail");
        self.bytes.get()
    }
}

#[derive(Debug)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! A terminal that only counts the bytes it is sent.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use phala_wizard::shell::pen::Pen;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

/// Everything but the writing is what the real terminal costs: the frame, the comparison, the escape sequences.
pub struct Counted<B: Backend> {
    terminal: Terminal<B>,
    bytes: Rc<Cell<usize>>,
}

/// As the wizard draws.
pub type Ours = Counted<Pen<Counter>>;
/// As a program draws that takes what ratatui brings.
pub type Usual = Counted<CrosstermBackend<Counter>>;

impl Ours {
    /// A terminal of this size.
    pub fn new(size: (u16, u16)) -> Self {
        Self::over(size, Pen::new)
    }
}

impl Usual {
    /// A terminal of this size.
    pub fn usual(size: (u16, u16)) -> Self {
        Self::over(size, CrosstermBackend::new)
    }
}

impl<B: Backend> Counted<B> {
    fn over((width, height): (u16, u16), backend: impl FnOnce(Counter) -> B) -> Self {
        // Whatever NO_COLOR says here, the figures are those of a terminal with colours.
        crossterm::style::force_color_output(true);
        let bytes = Rc::<Cell<usize>>::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let backend = backend(Counter(Rc::clone(&bytes)));
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport })
            .unwrap_or_else(|error| panic!("a terminal that only counts: {error}"));
        Self { terminal, bytes }
    }

    /// Draws a frame and says how many bytes that took.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> usize {
        self.bytes.set(0);
        let drawn = self.terminal.draw(paint).map(|_| ());
        drawn.unwrap_or_else(|error| panic!("counting does not fail: {error}"));
        self.bytes.get()
    }
}

#[derive(Debug)]
pub struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

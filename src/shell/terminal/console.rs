//! The modes of a Windows console, kept bit for bit.
//!
//! There are two: of what is typed, and of what is written, in which sequences are obeyed only after the console was
//! told so. One that cannot be told shows no screen, and walks in plain lines. Lines are edited by whoever reads them,
//! key by key, so that a hidden one leaves no copy in anybody's buffer and the console can be let go at any moment. What
//! is drawn is not known here.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm_winapi::{Console, ConsoleMode, Handle};

/// Of what is typed: Ctrl-C is no key, lines are edited and come whole, they are shown meanwhile, and keys come as
/// sequences instead of as records.
const EDITING: u32 = 0x0001 | 0x0002 | 0x0004 | 0x0200;

/// Of what is written: control characters are obeyed.
const PROCESSED_OUTPUT: u32 = 0x0001;
/// So are sequences.
const SEQUENCES: u32 = 0x0004;

/// Whether what is typed into a plain line is shown.
static SHOWS_TYPING: AtomicBool = AtomicBool::new(true);

/// The two modes as they were.
#[derive(Debug, Clone)]
pub(super) struct Attributes {
    typed: Mode,
    written: Mode,
}

#[derive(Debug, Clone)]
struct Mode {
    of: ConsoleMode,
    was: u32,
}

impl Mode {
    fn of(handle: Handle) -> io::Result<Self> {
        let of = ConsoleMode::from(handle);
        let was = of.mode()?;
        Ok(Self { of, was })
    }
}

impl Attributes {
    pub(super) fn now() -> io::Result<Self> {
        Ok(Self {
            typed: Mode::of(Handle::current_in_handle()?)?,
            written: Mode::of(Handle::current_out_handle()?)?,
        })
    }

    pub(super) fn apply(&self) {
        let _ = self.typed.of.set_mode(self.typed.was);
        let _ = self.written.of.set_mode(self.written.was);
    }

    /// For a screen: every key is one, and sequences are obeyed.
    pub(super) fn apply_raw(&self) -> io::Result<()> {
        let obeying = self.written.was | PROCESSED_OUTPUT | SEQUENCES;
        self.written.of.set_mode(obeying).map_err(|_| {
            io::Error::other("this console obeys no sequences; --accessible asks in plain lines")
        })?;
        self.typed.of.set_mode(self.typed.was & !EDITING)
    }

    /// For plain lines: keys come one by one.
    pub(super) fn apply_lines(&self, is_shown: bool) -> io::Result<()> {
        SHOWS_TYPING.store(is_shown, Ordering::SeqCst);
        self.typed.of.set_mode(self.typed.was & !EDITING)
    }
}

/// Whether what is typed into a plain line is to be shown.
pub(in crate::shell) fn shows_typing() -> bool {
    SHOWS_TYPING.load(Ordering::SeqCst)
}

/// Whether this console obeys sequences, or would after it was told. It stays as it is.
pub(super) fn obey() -> bool {
    let obeys = || {
        let written = Mode::of(Handle::current_out_handle()?)?;
        written.of.set_mode(written.was | SEQUENCES)?;
        written.of.set_mode(written.was)
    };
    obeys().is_ok()
}

/// The second half of a paste must not become a command line.
pub(super) fn forget_input() {
    if let Ok(typed) = Handle::current_in_handle() {
        let _ = Console::from(typed).read_console_input();
    }
}

pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

//! The program in a real terminal, driven as a person would: type, look, wait for words on the screen.
//!
//! ```text
//! let mut pty = Pty::start(Size::USUAL, &Program::new(&["--sandbox", "on-chain"]));
//! pty.wait_for("orders-api");                     // fails with the screen in the message, never hangs
//! pty.keys("\x03");
//! assert_eq!(pty.wait_for_end(), End::Code(130)); // compares the line settings with those before
//! pty.assert_given_back();                        // and this the modes of the screen
//! ```
//!
//! Waiting is always for something to be seen, with a deadline far beyond what a slow machine needs.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
use tempfile::TempDir;

/// A test that waits longer than this has failed.
const DEADLINE: Duration = Duration::from_secs(30);

/// What has to be switched off again at the end: the mode's number and what it is.
const MODES: [(&str, &str); 7] = [
    ("1049", "alternate screen"),
    ("2004", "bracketed paste"),
    ("1000", "mouse buttons"),
    ("1002", "mouse drags"),
    ("1003", "mouse moves"),
    ("1006", "mouse in SGR form"),
    ("1004", "focus"),
];

/// Columns and rows.
#[derive(Debug, Clone, Copy)]
pub struct Size(pub u16, pub u16);

impl Size {
    /// The size every screen is complete at.
    pub const USUAL: Self = Self(80, 24);
}

/// What to start, and with what around it. Nothing of the caller's environment gets in but the path.
#[derive(Debug, Clone)]
pub struct Program {
    path: OsString,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Program {
    /// The wizard with these arguments.
    pub fn new(arguments: &[&str]) -> Self {
        Self::other(env!("CARGO_BIN_EXE_phala-wizard"), arguments)
    }

    /// Another program.
    pub fn other(path: impl Into<OsString>, arguments: &[&str]) -> Self {
        Self {
            path: path.into(),
            arguments: arguments.iter().map(|&argument| argument.into()).collect(),
            variables: vec![("TERM".into(), "xterm-256color".into())],
        }
    }

    /// The same with this variable set.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Code(u32),
    /// By a signal of this name.
    Signal(String),
}

/// A program in a terminal of its own, with an empty home.
pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the line settings can be looked at when the program is gone.
    slave: Option<Box<dyn portable_pty::SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    /// The reader shall let go of the terminal after what it reads next.
    closing: Arc<AtomicBool>,
    /// Every byte the program ever wrote.
    raw: Vec<u8>,
    screen: vt100::Parser,
    settings: String,
    home: TempDir,
}

impl Pty {
    /// Starts a program in a new terminal.
    pub fn start(size: Size, program: &Program) -> Self {
        let pair = native_pty_system()
            .openpty(pty_size(size))
            .expect("a terminal");
        let home = tempfile::tempdir().expect("a home");
        let mut command = CommandBuilder::new(&program.path);
        command.args(&program.arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        command.env("TZ", "UTC");
        for (name, value) in &program.variables {
            command.env(name, value);
        }
        command.cwd(home.path());
        let settings = settings(pair.master.as_ref());
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let child = pair.slave.spawn_command(command).expect("a process");
        let (to, output) = channel();
        let closing = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&closing);
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if to.send(bytes[..count].to_vec()).is_err() || stop.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        Self {
            master: Some(pair.master),
            slave: Some(pair.slave),
            child,
            writer: Some(writer),
            output,
            closing,
            raw: Vec::new(),
            screen: vt100::Parser::new(cells(size.1), cells(size.0), 1000),
            settings,
            home,
        }
    }

    /// Types. `\r` is Enter, `\x1b` is Escape, `\x03` is Ctrl-C.
    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().expect("a terminal");
        writer.write_all(keys.as_bytes()).expect("typed");
        writer.flush().expect("typed");
    }

    /// Pastes as a terminal does that was asked to put brackets around it.
    pub fn paste(&mut self, text: &str) {
        self.keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Changes the size of the window.
    pub fn resize(&mut self, size: Size) {
        self.screen
            .screen_mut()
            .set_size(cells(size.1), cells(size.0));
        let master = self.master.as_ref().expect("a terminal");
        master.resize(pty_size(size)).expect("resized");
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("signalled");
    }

    /// The process of the program.
    pub fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("a process");
        Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id")
    }

    /// The folder the program runs in, which is its home too.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Waits until this can be read on the screen.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |pty| pty.screen().contains(text));
    }

    /// Waits for something to be true of what was seen so far; `what` names it if it never is.
    pub fn wait_until(&mut self, what: &str, is_true: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !is_true(self) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => self.give_up(what, "did not come"),
                Err(RecvTimeoutError::Disconnected) => self.give_up(what, "can no longer come"),
            }
        }
    }

    /// Takes in what comes within this time; `false` once nothing can come any more.
    #[allow(dead_code, reason = "not every test looks away from the screen")]
    pub fn take_in(&mut self, within: Duration) -> bool {
        match self.output.recv_timeout(within) {
            Ok(bytes) => self.take(&bytes),
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// Every row of the screen, without the blanks at its end.
    pub fn rows(&self) -> Vec<String> {
        let screen = self.screen.screen();
        let rows = screen.rows(0, screen.size().1.get());
        rows.map(|row| row.trim_end().to_owned()).collect()
    }

    /// Every byte that was written, as text.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Closes the window: the other end of the terminal goes away.
    pub fn hang_up(&mut self) {
        // The terminal is gone once nobody holds its other end, and our reader does until it has something to read.
        self.closing.store(true, Ordering::SeqCst);
        self.write_as_a_program_would(b"\0");
        while let Ok(bytes) = self.output.recv_timeout(DEADLINE) {
            self.take(&bytes);
        }
        self.type_no_last_words();
        self.writer = None;
        self.master = None;
        self.slave = None;
    }

    /// The library types Enter and an end of file when it lets go, unless no character stands for the end of file.
    fn type_no_last_words(&self) {
        let terminal = self.terminal();
        let mut settings = tcgetattr(&terminal).expect("line settings");
        settings.special_codes[SpecialCodeIndex::VEOF] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &settings).expect("line settings");
    }

    /// Waits until the program has ended, and takes in what it wrote last.
    pub fn wait_for_end(&mut self) -> End {
        let end = Instant::now() + DEADLINE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                break status;
            }
            if Instant::now() > end {
                self.give_up("the end", "did not come");
            }
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(10)) {
                self.take(&bytes);
            }
        };
        self.assert_line_settings();
        // With our own end closed the reader comes to the end of what was written, and no further.
        self.slave = None;
        while let Ok(bytes) = self.output.recv_timeout(DEADLINE) {
            self.take(&bytes);
        }
        match status.signal() {
            Some(signal) => End::Signal(signal.to_owned()),
            None => End::Code(status.exit_code()),
        }
    }

    /// Fails unless every line setting is as it was at the start, while there is a terminal.
    pub fn assert_line_settings(&self) {
        if let Some(master) = &self.master {
            assert_eq!(settings(master.as_ref()), self.settings, "line settings");
        }
    }

    /// Fails if the terminal shows what is typed.
    #[allow(dead_code, reason = "not every test types a secret")]
    pub fn assert_unseen(&self) {
        let settings = tcgetattr(self.terminal()).expect("line settings");
        let shown = settings.local_modes.contains(LocalModes::ECHO);
        assert!(!shown, "what is typed is shown; {}", self.screen());
    }

    /// Fails unless every mode that was switched on is off, and the cursor shown.
    pub fn assert_given_back(&self) {
        let raw = self.raw();
        assert!(raw.contains("\x1b[?1049h"), "the screen was never taken");
        for (mode, name) in MODES {
            let on = raw.rfind(&format!("\x1b[?{mode}h"));
            let off = raw.rfind(&format!("\x1b[?{mode}l"));
            assert!(on.is_none() || on < off, "{name} is left on");
        }
        let hidden = raw.rfind("\x1b[?25l");
        assert!(hidden < raw.rfind("\x1b[?25h"), "the cursor is left hidden");
        assert!(!self.screen.screen().alternate_screen());
        let kept = raw.matches("\x1b[22;0t").count();
        let put_back = raw.matches("\x1b[23;0t").count();
        assert_eq!(kept, put_back, "the title of before");
        let title = raw.rfind("\x1b]2;");
        assert!(title <= raw.rfind("\x1b[23;0t"), "a title is left");
    }

    fn write_as_a_program_would(&self, bytes: &[u8]) {
        rustix::io::write(self.terminal(), bytes).expect("written");
    }

    /// The end that the program has.
    fn terminal(&self) -> OwnedFd {
        let name = self.master.as_ref().and_then(|master| master.tty_name());
        // Not as the terminal of this process: it would be signalled too when the terminal goes.
        let flags = OFlags::WRONLY | OFlags::NOCTTY;
        open(name.expect("a name"), flags, Mode::empty()).expect("the terminal")
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    fn give_up(&self, what: &str, how: &str) -> ! {
        panic!("{what:?} {how}; on screen:\n{}", self.screen());
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pty_size(Size(cols, rows): Size) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a size")
}

/// Every line setting, as comparable text.
fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("line settings"))
}

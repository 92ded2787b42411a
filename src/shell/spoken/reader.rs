//! Lines as the terminal hands them over, read on a thread of their own.
//!
//! The terminal edits the line until it is ended; on Windows that is done here. What a line means is not known here;
//! any of them may be a secret, so what was read is wiped. The thread can be held, so that an editor has the terminal
//! to itself.

#[cfg(windows)]
#[path = "reader/console.rs"]
mod side;
#[cfg(any(windows, test))]
mod typing;

pub(super) use side::Reader;

#[cfg(unix)]
use zeroize::Zeroize;

#[cfg(unix)]
use crate::secret::Secret;

/// Longer than this no line is: terminals cut them long before.
const LONGEST: usize = 64 * 1024;

/// What was read and is no whole line yet.
#[cfg(unix)]
#[derive(Default)]
struct Rest(Vec<u8>);

#[cfg(unix)]
impl Rest {
    /// The lines that are whole with these bytes, without their ends.
    fn take(&mut self, bytes: &[u8]) -> Vec<Secret> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            // Grown by hand: what a vector leaves behind when it grows is not wiped.
            if self.0.len() + part.len() > self.0.capacity() {
                let mut larger = Vec::with_capacity((self.0.len() + part.len()) * 2);
                larger.extend_from_slice(&self.0);
                self.0.zeroize();
                self.0 = larger;
            }
            if self.0.len() + part.len() <= LONGEST {
                self.0.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                let text = String::from_utf8_lossy(&self.0);
                lines.push(Secret::new(text.trim_end_matches(['\r', '\n'])));
                self.0.zeroize();
            }
        }
        lines
    }
}

#[cfg(unix)]
mod side {
    use std::io::{self, PipeReader, PipeWriter, Read, Write};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::{Errno, read};
    use tokio::sync::mpsc::Sender;
    use zeroize::Zeroize;

    use super::Rest;
    use crate::shell::run::Input;

    /// Nobody waits longer than this for the thread to hold.
    const LONGEST_WAIT: Duration = Duration::from_millis(200);

    /// The thread that reads the terminal.
    pub(in crate::shell::spoken) struct Reader {
        wake: PipeWriter,
        held: mpsc::Receiver<()>,
        go_on: mpsc::Sender<()>,
    }

    impl Reader {
        /// Starts to read.
        pub(in crate::shell::spoken) fn start(inbox: Sender<Input>) -> io::Result<Self> {
            let (woken, wake) = io::pipe()?;
            let (holding, held) = mpsc::channel();
            let (go_on, gone_on) = mpsc::channel();
            thread::Builder::new().name("lines".into()).spawn(move || {
                // It ends with the program, or when the terminal does; the hang-up thread notices that.
                let _ = serve(woken, &holding, &gone_on, &inbox);
            })?;
            Ok(Self { wake, held, go_on })
        }

        /// Stops reading, so that another program can.
        pub(in crate::shell::spoken) fn hold(&mut self) {
            let _ = self.wake.write_all(&[0]);
            let _ = self.held.recv_timeout(LONGEST_WAIT);
        }

        /// Reads again.
        pub(in crate::shell::spoken) fn release(&mut self) {
            let _ = self.go_on.send(());
        }
    }

    fn serve(
        mut woken: PipeReader,
        holding: &mpsc::Sender<()>,
        gone_on: &mpsc::Receiver<()>,
        inbox: &Sender<Input>,
    ) -> io::Result<()> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        let input = rustix::stdio::stdin();
        let mut rest = Rest::default();
        let mut bytes = [0; 4096];
        loop {
            let mut fds = [
                PollFd::new(&input, PollFlags::IN),
                PollFd::new(&woken, PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Err(Errno::INTR) => continue,
                polled => polled?,
            };
            let is_woken = !fds[1].revents().is_empty();
            if is_woken {
                woken.read_exact(&mut [0])?;
                let _ = holding.send(());
                gone_on.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
                continue;
            }
            let count = match read(input, &mut bytes) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                count => count?,
            };
            if count == 0 {
                // Ctrl-D: the terminal is still there, and may go on.
                inbox.blocking_send(Input::Ended).map_err(gone)?;
                continue;
            }
            let lines = rest.take(&bytes[..count]);
            bytes[..count].zeroize();
            for line in lines {
                inbox.blocking_send(Input::Line(line)).map_err(gone)?;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_read() {
        let mut rest = Rest::default();
        assert_eq!(rest.take(b"on"), []);
        assert_eq!(
            rest.take(b"e\ntwo\r\n\nth"),
            ["one", "two", ""].map(Secret::new)
        );
        assert_eq!(rest.take(b"ree\n"), [Secret::new("three")]);
    }
}

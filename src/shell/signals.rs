//! Signals, and the terminal that vanishes without one.
//!
//! Two sleeping threads that turn both into [`Input`]. Whoever asks the program to leave is heard by the wizard first,
//! which may say how things came out; if the program is still there a moment later, it is ended from here, terminal
//! first. What leaving means is not decided here.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::Sender;

use super::run::Input;
use super::terminal;

#[cfg(unix)]
pub(super) use unix::{can_be_continued, stop};

#[cfg(windows)]
mod windows;

/// How long the wizard has to say its last words.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// How long a terminal may take to accept that it is given back.
const FAREWELL: Duration = Duration::from_millis(200);

/// What Ctrl-C means, where it is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CtrlC {
    Ends,
    Asks,
}

#[cfg(not(unix))]
pub(super) fn can_be_continued() -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn stop() {}

/// Starts to listen to what asks the program to end, and to nothing else: there is no terminal to guard. What the
/// program was started to ignore, as `nohup` does it, stays ignored.
pub(super) fn listen_for_the_end(inbox: &Sender<Input>) -> io::Result<()> {
    #[cfg(unix)]
    unix::listen_for_the_end(inbox)?;
    #[cfg(windows)]
    windows::listen(inbox, CtrlC::Ends)?;
    Ok(())
}

/// Starts to listen. Call it before the terminal is taken, so that no signal finds it unguarded.
pub(super) fn listen(inbox: &Sender<Input>) -> io::Result<()> {
    #[cfg(unix)]
    unix::listen(inbox, CtrlC::Ends)?;
    #[cfg(windows)]
    windows::listen(inbox, CtrlC::Ends)?;
    Ok(())
}

/// The same where Ctrl-C is no key of ours, and comes as a signal: whoever presses it is asked.
pub(super) fn listen_and_ask(inbox: &Sender<Input>) -> io::Result<()> {
    #[cfg(unix)]
    unix::listen(inbox, CtrlC::Asks)?;
    #[cfg(windows)]
    windows::listen(inbox, CtrlC::Asks)?;
    Ok(())
}

/// Gives the terminal back, if it takes it.
fn give_back() {
    let (done, given_back) = mpsc::channel();
    thread::spawn(move || {
        terminal::give_back();
        let _ = done.send(());
    });
    let _ = given_back.recv_timeout(FAREWELL);
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use rustix::process::{Signal, getpid, getsid, kill_current_process_group};
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, signal_name};
    use tokio::sync::mpsc::Sender;

    use super::{CtrlC, LAST_WORDS, give_back};
    use crate::shell::run::Input;
    use crate::shell::{log, terminal};

    /// The next stop signal is the one we sent ourselves.
    static STOPPING: AtomicBool = AtomicBool::new(false);

    pub(super) fn listen(inbox: &Sender<Input>, ctrl_c: CtrlC) -> io::Result<()> {
        let signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])?;
        let to = inbox.clone();
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || serve(signals, &to, ctrl_c))?;
        let to = inbox.clone();
        thread::Builder::new()
            .name("hang-up".into())
            .spawn(move || wait_for_hang_up(&to))?;
        Ok(())
    }

    pub(super) fn listen_for_the_end(inbox: &Sender<Input>) -> io::Result<()> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let wanted = [SIGTERM, SIGHUP, SIGINT];
        let heard = wanted
            .into_iter()
            .filter(|signal| !ignores(&status, *signal));
        let signals = Signals::new(heard)?;
        let to = inbox.clone();
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || serve(signals, &to, CtrlC::Ends))?;
        Ok(())
    }

    /// Whether a process of this status ignores the signal. Systems that do not tell ignore none.
    fn ignores(status: &str, signal: i32) -> bool {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }

    fn serve(mut signals: Signals, inbox: &Sender<Input>, ctrl_c: CtrlC) {
        let mut asked_to_leave = false;
        for signal in &mut signals {
            if signal != SIGWINCH {
                log::outside(signal_name(signal).unwrap_or("signal"));
            }
            match signal {
                // As every program that starts an editor does: these are for the editor.
                SIGINT | SIGQUIT if terminal::is_lent() => {}
                SIGINT if ctrl_c == CtrlC::Asks && !asked_to_leave => {
                    tell(inbox, Input::Interrupted);
                }
                SIGTERM | SIGHUP | SIGINT if !asked_to_leave => {
                    asked_to_leave = true;
                    end_after_last_words(signal);
                    tell(inbox, Input::Leave);
                }
                SIGTERM | SIGHUP | SIGINT | SIGQUIT => end(signal),
                SIGTSTP if STOPPING.swap(false, Ordering::SeqCst) => {}
                SIGTSTP if terminal::is_lent() => {
                    let _ = emulate_default_handler(SIGTSTP);
                }
                SIGTSTP => tell(inbox, Input::Stop),
                SIGCONT => tell(inbox, Input::Continued),
                _ => tell(inbox, Input::Resized),
            }
        }
    }

    /// Sleeps until the other end of the terminal is closed. Some systems send no SIGHUP then, and some parents
    /// block it; a program that only reads would spin on the end of its input.
    fn wait_for_hang_up(inbox: &Sender<Input>) {
        let input = rustix::stdio::stdin();
        loop {
            // No flags asked for: only hang-up and errors, which are always reported, end the sleep.
            let mut fds = [PollFd::new(&input, PollFlags::empty())];
            match poll(&mut fds, None) {
                Err(Errno::INTR) => {}
                Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => break,
                // A system that cannot poll terminals: nothing to guard with.
                _ => return,
            }
        }
        log::outside("the terminal is gone");
        end_after_last_words(SIGHUP);
        tell(inbox, Input::Leave);
    }

    fn tell(inbox: &Sender<Input>, input: Input) {
        // Once the loop is over nobody listens, and nobody needs to.
        let _ = inbox.blocking_send(input);
    }

    fn end_after_last_words(signal: i32) {
        thread::spawn(move || {
            thread::sleep(LAST_WORDS);
            end(signal);
        });
    }

    /// Gives the terminal back and ends the process the way the signal does by default.
    fn end(signal: i32) {
        give_back();
        let _ = emulate_default_handler(signal);
    }

    /// Whether a shell is there to continue this process: not for the first process of a session.
    pub(in crate::shell) fn can_be_continued() -> bool {
        getsid(None).is_ok_and(|session| session != getpid())
    }

    /// Stops the job this process belongs to, itself last. Returns when it is continued.
    pub(in crate::shell) fn stop() {
        STOPPING.store(true, Ordering::SeqCst);
        let _ = kill_current_process_group(Signal::TSTP);
        let _ = emulate_default_handler(SIGTSTP);
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_ignored_from_the_start_is_read_from_the_mask() {
            let status =
                "Name:\tphala-wizard\nSigIgn:\t0000000000001003\nSigCgt:\t00000000000004fc\n";
            assert!(ignores(status, SIGHUP) && ignores(status, SIGINT));
            assert!(!ignores(status, SIGTERM));
            assert!(!ignores("", SIGHUP));
        }
    }
}

//! Keys and pastes, read on a thread of their own.
//!
//! Everything the terminal has to say at once travels as one batch, so that a storm of resizes costs one frame and a
//! paste into a terminal without bracketed paste can be told from typing. The thread can be held, so that an editor
//! has the terminal to itself. What a key means is not known here.

#[cfg(unix)]
mod answers;
#[cfg(windows)]
#[path = "keyboard/console.rs"]
mod reader;

pub(super) mod gate;

use std::io;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::Sender;
use zeroize::Zeroize;

use super::run::{Input, Typed};
use crate::secret::Secret;

/// More keys than this, read at once, were not typed by hand.
const FASTEST_TYPING: usize = 64;

/// How long a burst must pause to count as over.
const END_OF_BURST: Duration = Duration::from_millis(20);

pub(super) use reader::Keyboard;
#[cfg(windows)]
pub(super) use reader::{GLANCE, LONGEST_WAIT};

/// A letter that needs AltGr comes from a Windows console with the two keys that AltGr stands for; it is a letter all
/// the same. What a command would be made of, letters without an accent and digits, stays one.
#[cfg(any(windows, test))]
pub(super) fn lettered(event: Event) -> Event {
    match event {
        Event::Key(key) => {
            let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
            let is_letter = matches!(key.code, KeyCode::Char(c) if !c.is_ascii_alphanumeric());
            let modifiers = if is_letter && key.modifiers.contains(alt_gr) {
                key.modifiers - alt_gr
            } else {
                key.modifiers
            };
            Event::Key(KeyEvent { modifiers, ..key })
        }
        event => event,
    }
}

fn is_burst(events: &[Event]) -> bool {
    events
        .iter()
        .filter(|event| as_text(event).is_some())
        .count()
        > FASTEST_TYPING
}

/// What the wizard is told of a batch: key presses and pastes. Key releases, repeats and the mouse are nothing to it,
/// and the focus is the screen's. Runs of text too fast for a person become one paste.
fn typed(batch: Vec<Event>) -> Vec<Typed> {
    let mut out = Vec::with_capacity(batch.len().min(FASTEST_TYPING));
    let mut run: Vec<(KeyEvent, char)> = Vec::new();
    for event in batch {
        match (as_text(&event), event) {
            (Some(letter), Event::Key(key)) => run.push((key, letter)),
            (_, Event::Key(key)) if key.kind == KeyEventKind::Press => {
                end_run(&mut run, &mut out);
                out.push(Typed::Key(key));
            }
            (_, Event::Paste(text)) => {
                end_run(&mut run, &mut out);
                out.push(Typed::Paste(pasted(text)));
            }
            _ => {}
        }
    }
    end_run(&mut run, &mut out);
    out
}

fn end_run(run: &mut Vec<(KeyEvent, char)>, out: &mut Vec<Typed>) {
    if run.len() > FASTEST_TYPING {
        let text = run.drain(..).map(|(_, letter)| letter).collect();
        out.push(Typed::Paste(pasted(text)));
    } else {
        out.extend(run.drain(..).map(|(key, _)| Typed::Key(key)));
    }
}

/// The letter that this event would be in a pasted text.
fn as_text(event: &Event) -> Option<char> {
    let Event::Key(key) = event else { return None };
    if key.kind != KeyEventKind::Press || key.modifiers.intersects(!KeyModifiers::SHIFT) {
        return None;
    }
    match key.code {
        KeyCode::Char(letter) => Some(letter),
        KeyCode::Enter => Some('\n'),
        KeyCode::Tab => Some('\t'),
        _ => None,
    }
}

/// Pasted text is text: line ends become `\n`, and no other control character survives.
fn pasted(mut text: String) -> Secret {
    let mut clean = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {
                letters.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\n' | '\t' => clean.push(letter),
            _ if letter.is_control() => {}
            _ => clean.push(letter),
        }
    }
    text.zeroize();
    Secret::new(clean)
}

fn deliver(inbox: &Sender<Input>, batch: Vec<Event>) -> io::Result<()> {
    for input in inputs(batch) {
        inbox
            .blocking_send(input)
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
    }
    Ok(())
}

/// What is delivered of a batch. Where somebody looks at the end of it counts.
fn inputs(batch: Vec<Event>) -> Vec<Input> {
    let resized = batch.iter().any(|event| matches!(event, Event::Resize(..)));
    let focus = batch.iter().rev().find_map(|event| match event {
        Event::FocusGained => Some(true),
        Event::FocusLost => Some(false),
        _ => None,
    });
    let typed = typed(batch);
    let seen = match (typed.is_empty(), resized) {
        (false, _) => Some(Input::Typed(typed)),
        (true, true) => Some(Input::Resized),
        (true, false) => None,
    };
    focus.map(Input::Focus).into_iter().chain(seen).collect()
}

#[cfg(unix)]
mod reader {
    use std::io::{self, PipeReader, PipeWriter, Read, Write};
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use crossterm::event::{Event, poll as has_event, read as next_event};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use tokio::sync::mpsc::Sender;

    use super::answers::{Answers, REST, is_unfinished};
    use super::gate::Gate;
    use super::{END_OF_BURST, Input, deliver, is_burst};

    /// A sequence cut in the middle keeps the thread in crossterm; nobody waits longer for it than this.
    const LONGEST_WAIT: Duration = Duration::from_millis(200);

    /// The thread that reads the terminal.
    #[derive(Debug)]
    pub(in crate::shell) struct Keyboard {
        wake: PipeWriter,
        gate: Arc<Gate>,
    }

    impl Keyboard {
        /// Starts to read.
        pub(in crate::shell) fn start(inbox: Sender<Input>) -> io::Result<Self> {
            let (woken, wake) = io::pipe()?;
            let gate = Arc::<Gate>::default();
            let theirs = Arc::clone(&gate);
            thread::Builder::new()
                .name("keyboard".into())
                .spawn(move || {
                    // It ends with the program, or when the terminal does; the hang-up thread notices that.
                    let _ = serve(woken, &theirs, &inbox);
                })?;
            Ok(Self { wake, gate })
        }

        /// Stops reading, so that another program can.
        pub(in crate::shell) fn hold(&mut self) {
            let wake = &mut self.wake;
            self.gate.hold(LONGEST_WAIT, || {
                let _ = wake.write_all(&[0]);
            });
        }

        /// Reads again.
        pub(in crate::shell) fn release(&mut self) {
            self.gate.release();
        }
    }

    fn serve(mut woken: PipeReader, gate: &Gate, inbox: &Sender<Input>) -> io::Result<()> {
        let mut answers = Answers::default();
        loop {
            match wait(Some(&woken), None)? {
                Waited::Woken => {
                    let _ = woken.read(&mut [0; 8])?;
                    gate.pass();
                }
                Waited::Readable => {
                    let batch = answers.sift(batch()?, Instant::now());
                    if let Some(colours) = answers.colours.take() {
                        let told = inbox.blocking_send(Input::Background(colours));
                        told.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
                    }
                    deliver(inbox, batch)?;
                }
                Waited::Quiet => {}
            }
        }
    }

    /// Everything that can be read now; of a burst, everything until it pauses; of a sequence, a moment later the rest.
    fn batch() -> io::Result<Vec<Event>> {
        let mut batch = Vec::new();
        loop {
            let before = batch.len();
            // What a terminal says of itself comes out as nothing, with keys behind it: nothing counts the second time.
            while has_event(Duration::ZERO)? || has_event(Duration::ZERO)? {
                batch.push(next_event()?);
            }
            let patience = if is_burst(&batch) {
                END_OF_BURST
            } else if is_unfinished(&batch) {
                REST
            } else {
                Duration::ZERO
            };
            match wait(None, Some(patience))? {
                Waited::Readable if batch.len() == before => {
                    // Nothing came out of what is there.
                    remind()?;
                    if !has_event(END_OF_BURST)? {
                        return Ok(batch);
                    }
                }
                Waited::Readable => remind()?,
                _ => return Ok(batch),
            }
        }
    }

    /// crossterm reads 1,024 bytes at a time and, where more were waiting, is not told of the rest before the next
    /// key: its notification comes once per arrival. Setting the line settings to what they are makes the terminal
    /// notify again.
    fn remind() -> io::Result<()> {
        let input = rustix::stdio::stdin();
        let same = tcgetattr(input)?;
        Ok(tcsetattr(input, OptionalActions::Now, &same)?)
    }

    enum Waited {
        Readable,
        Woken,
        Quiet,
    }

    fn wait(woken: Option<&PipeReader>, patience: Option<Duration>) -> io::Result<Waited> {
        let patience = patience
            .map(Timespec::try_from)
            .transpose()
            .map_err(|_| Errno::INVAL)?;
        let input = rustix::stdio::stdin();
        let mut fds = vec![PollFd::new(&input, PollFlags::IN)];
        if let Some(woken) = woken {
            fds.push(PollFd::new(woken, PollFlags::IN));
        }
        loop {
            match poll(&mut fds, patience.as_ref()) {
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Waited::Quiet),
                Ok(_) if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) => {
                    return Ok(Waited::Woken);
                }
                Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(_) => return Ok(Waited::Readable),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn letters(text: &str) -> Vec<Event> {
        text.chars()
            .map(|letter| match letter {
                '\n' => key(KeyCode::Enter),
                '\t' => key(KeyCode::Tab),
                _ => key(KeyCode::Char(letter)),
            })
            .collect()
    }

    fn paste(text: &str) -> Typed {
        Typed::Paste(Secret::new(text))
    }

    #[test]
    fn releases_and_repeats_are_not_keys() {
        let mut batch = Vec::new();
        for kind in [
            KeyEventKind::Press,
            KeyEventKind::Repeat,
            KeyEventKind::Release,
        ] {
            let enter = KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, kind);
            batch.push(Event::Key(enter));
        }
        batch.push(Event::FocusLost);
        batch.push(Event::Resize(80, 24));
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(typed(batch), [Typed::Key(enter)]);
    }

    #[test]
    fn what_needs_alt_gr_is_a_letter() {
        let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let lettered = |code, modifiers| lettered(Event::Key(KeyEvent::new(code, modifiers)));
        let plain = |c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        for c in ['@', '{', '\\', '\u{20ac}', '\u{105}'] {
            assert_eq!(lettered(KeyCode::Char(c), both), plain(c));
        }
        let a = KeyCode::Char('a');
        assert_eq!(lettered(a, both), Event::Key(KeyEvent::new(a, both)));
        let control = KeyModifiers::CONTROL;
        let at = KeyCode::Char('@');
        assert_eq!(
            lettered(at, control),
            Event::Key(KeyEvent::new(at, control))
        );
    }

    #[test]
    fn of_the_focus_the_last_change_is_told_before_the_keys() {
        let batch = vec![
            Event::FocusLost,
            key(KeyCode::Enter),
            Event::FocusGained,
            Event::Resize(80, 24),
        ];
        let told = inputs(batch);
        assert!(
            matches!(&told[..], [Input::Focus(true), Input::Typed(_)]),
            "{told:?}"
        );
        let told = inputs(vec![Event::FocusLost]);
        assert!(matches!(&told[..], [Input::Focus(false)]), "{told:?}");
        assert!(inputs(Vec::new()).is_empty());
    }

    #[test]
    fn a_burst_is_a_paste_and_presses_no_button() {
        let text = "services:\n\tapp:\n".repeat(8);
        let mut batch = letters(&text);
        batch.push(key(KeyCode::Esc));
        let typed = typed(batch);
        assert_eq!(typed.len(), 2);
        assert_eq!(typed[0], paste(&text));
        assert!(matches!(&typed[1], Typed::Key(key) if key.code == KeyCode::Esc));
    }

    #[test]
    fn sixty_four_letters_are_typing_and_one_more_is_not() {
        assert_eq!(typed(letters(&"a".repeat(64))).len(), 64);
        assert_eq!(typed(letters(&"a".repeat(65))), [paste(&"a".repeat(65))]);
    }

    #[test]
    fn commands_in_between_end_a_run() {
        let mut batch = letters(&"a".repeat(40));
        let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        batch.push(Event::Key(quit));
        batch.extend(letters(&"b".repeat(40)));
        assert_eq!(typed(batch).len(), 81);
    }

    #[test]
    fn a_paste_keeps_its_lines_and_loses_what_a_terminal_would_obey() {
        let batch = vec![Event::Paste(
            "A=1\r\nB=2\rC=\u{1b}[31m\u{9b}x\ty\u{7f}".into(),
        )];
        assert_eq!(typed(batch), [paste("A=1\nB=2\nC=[31mx\ty")]);
    }
}

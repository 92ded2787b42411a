//! One line from the terminal that is not shown while it is typed. The terminal is given back whatever happens.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, poll, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use crate::secret::Secret;
use crate::wizard::field::Field;

/// How often it is looked whether somebody wants the program to end.
const GLANCE: Duration = Duration::from_millis(100);

/// Asks for it; `None` where the person gives up, or somebody wants the program to end.
pub(super) fn ask(question: &str) -> io::Result<Option<Secret>> {
    let ends = Ends::listen()?;
    let unseen = Unseen::begin()?;
    unseen.say(question)?;
    let mut field = Field::hidden();
    let key = loop {
        if ends.asked() {
            break None;
        }
        if !poll(GLANCE)? {
            continue;
        }
        match heard()? {
            Event::Key(key) if key.kind == KeyEventKind::Release => (),
            Event::Key(key) => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                match key.code {
                    // Enter that was pressed before the terminal stopped showing what is typed comes as Ctrl-J.
                    KeyCode::Char('j') if control && field.is_empty() => (),
                    KeyCode::Char('j') if control => break Some(field.take()),
                    KeyCode::Enter if field.is_empty() => (),
                    KeyCode::Enter => break Some(field.take()),
                    KeyCode::Char('c') if control => break None,
                    KeyCode::Char('d') if control && field.is_empty() => break None,
                    _ => {
                        field.key(key);
                    }
                }
            }
            Event::Paste(text) => field.paste(&text),
            _ => (),
        }
    };
    drop(unseen);
    let length = key
        .as_ref()
        .map(|key| format!("{} characters", key.chars()));
    writeln!(io::stderr(), "{}", length.unwrap_or_default())?;
    Ok(key.map(|key| Secret::new(key.expose().trim())))
}

/// The next event.
fn heard() -> io::Result<Event> {
    let event = read()?;
    #[cfg(windows)]
    let event = crate::shell::keyboard::lettered(event);
    Ok(event)
}

/// The terminal shows nothing that is typed as long as this lives.
struct Unseen(());

impl Unseen {
    fn begin() -> io::Result<Self> {
        enable_raw_mode()?;
        Ok(Self(()))
    }

    /// Only here can something be asked: who reads the question may type, or paste, at once.
    fn say(&self, question: &str) -> io::Result<()> {
        let Self(()) = self;
        write!(io::stderr(), "{question}")?;
        io::stderr().flush()
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = disable_raw_mode();
    }
}

/// Whether somebody wants the program to end. Without this it would end at once, and leave a terminal that shows nothing.
struct Ends(Arc<AtomicBool>);

impl Ends {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(Self(asked))
    }

    /// There Ctrl-C is a key meanwhile, and the console of a program that ended is as the next one wants it.
    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps)]
    fn listen() -> io::Result<Self> {
        Ok(Self(Arc::default()))
    }

    fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

//! The two sides of the loop: what it turns, and where it shows that. A test can be both.
//!
//! How either does it is not known here; whatever a side cannot do, it leaves out.

use std::io;

use ratatui::Frame;

use crate::secret::Secret;
use crate::shown::Shown;
use crate::spoken::Speech;
use crate::theme::Colours;
use crate::theme::address::Links;
use crate::wizard::event::{Effect, Event};

/// What the loop turns: a machine that takes events, wants effects and can be drawn. The wizard is one.
pub trait Core {
    /// What it wants done before anything has happened.
    fn begin(&mut self) -> Vec<Effect>;
    /// Takes one event.
    fn update(&mut self, event: Event) -> Vec<Effect>;
    /// Whether something on screen moves with time.
    fn moves(&self) -> bool;
    /// Draws all of it.
    fn draw(&self, frame: &mut Frame);
    /// The same, and says where the addresses on it lead.
    fn draw_linked(&self, frame: &mut Frame) -> Links {
        self.draw(frame);
        Links::default()
    }
    /// From now on it is drawn in the colours for this background.
    fn recolour(&mut self, _colours: Colours) {}
    /// Where it stands, for the log and for reports of bugs.
    fn stage(&self) -> &'static str {
        ""
    }
    /// What the window is to be called; nothing, where it keeps its name. No secret is in it.
    fn title(&self) -> String {
        String::new()
    }
    /// Takes a line that was typed, where lines are.
    fn answer(&mut self, _line: Secret) -> Vec<Effect> {
        Vec::new()
    }
    /// Somebody pressed Ctrl-C, where that is no key.
    fn interrupted(&mut self) -> Vec<Effect> {
        Vec::new()
    }
    /// Nothing more can be typed.
    fn ended(&mut self) -> Vec<Effect> {
        Vec::new()
    }
    /// What is to be said now, where it speaks.
    fn speak(&mut self) -> Option<Speech> {
        None
    }
}

/// Where frames go, and the few other things that only a terminal can do. What a screen cannot do, it leaves out.
pub trait Screen {
    /// Shows a frame; where the screen is someone else's at the moment, shows nothing.
    fn draw(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()>;
    /// The same where nothing has happened but that time has passed.
    fn draw_older(&mut self, paint: &mut dyn FnMut(&mut Frame) -> Links) -> io::Result<()> {
        self.draw(paint)
    }
    /// Says something, where lines are said.
    fn say(&mut self, _speech: &Speech) -> io::Result<()> {
        Ok(())
    }
    /// Forgets what was drawn, so that the next frame is drawn whole.
    fn forget(&mut self) -> io::Result<()> {
        Ok(())
    }
    /// Calls the window by this name.
    fn title(&mut self, _title: &str) {}
    /// Whether somebody looks at it has changed.
    fn focus(&mut self, _has_focus: bool) {}
    /// Tells a person who looks elsewhere that a long wait is over.
    fn alert(&mut self, _what: &str) {}
    /// Shows a text in the person's pager, until that is left.
    fn page(&mut self, _text: &str) -> Result<(), Shown> {
        Err("there is no pager here".into())
    }
    /// Puts a text on the clipboard.
    fn copy(&mut self, _text: &str) {}
    /// Opens an address in the browser.
    fn open(&mut self, _address: &str) {}
    /// Stops the job. [`resume`](Self::resume) is called once it is continued.
    fn suspend(&mut self) {}
    /// Takes the screen again after a stop.
    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }
    /// Lets the person change a text in an editor of their own, and gives back what it became.
    fn edit(&mut self, _text: &str, _ending: &str) -> Result<String, Shown> {
        Err("there is no editor here".into())
    }
}

//! A walk through the sandbox in plain lines: all that was said, and all that was typed.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use phala_wizard::sandbox::Scenario;
use phala_wizard::secret::Secret;
use phala_wizard::spoken::Spoken;
use phala_wizard::spoken::chosen::Because;
use phala_wizard::wizard::event::{Effect, Event};
use phala_wizard::wizard::{Start, Wizard};

use super::tour::{Face, Tour};

/// The plain lines, and all that a person heard and typed.
pub struct Heard {
    pub spoken: Spoken,
    pub transcript: String,
}

impl Face for Heard {
    fn new(start: Start) -> Self {
        Self {
            spoken: Spoken::new(start, Because::Variable.sentence()),
            transcript: String::new(),
        }
    }

    fn begin(&mut self) -> Vec<Effect> {
        self.look();
        self.spoken.begin()
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        self.spoken.update(event)
    }

    fn wizard(&self) -> &Wizard {
        self.spoken.wizard()
    }

    fn look(&mut self) {
        let speech = self.spoken.speak();
        if speech.breaks {
            self.transcript.push('\n');
        }
        for line in &speech.lines {
            self.transcript.push_str(line);
            self.transcript.push('\n');
        }
        if let Some(prompt) = speech.prompt {
            self.transcript.push_str(&prompt.text);
        }
    }
}

impl Tour<Heard> {
    pub async fn hears(story: &str) -> Self {
        Box::pin(Self::with_face(Scenario::named(story).unwrap())).await
    }

    /// Types lines, each once what the one before led to was said.
    pub async fn answers(&mut self, lines: &[&str]) -> &mut Self {
        for line in lines {
            let transcript = &mut self.face.transcript;
            transcript.push_str(line);
            transcript.push('\n');
            let effects = self.face.spoken.answer(&Secret::new(*line));
            self.perform(effects).await;
        }
        self
    }

    /// Waits until this was said.
    pub async fn hears_of(&mut self, words: &str) -> &mut Self {
        for _ in 0..600 {
            if self.face.transcript.contains(words) {
                return self;
            }
            self.wait(1).await;
        }
        panic!("'{words}' was never said:\n{}", self.face.transcript);
    }
}

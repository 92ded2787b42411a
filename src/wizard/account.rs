//! What the wizard tells where there are no pages: where it stands, and how it ends if it is left now.
//!
//! It moves nothing, and asks nobody but the one question before leaving.

use super::asked::Owner;
use super::event::{Effect, Exit, Outcome};
use super::launch::several::{Several, worse};
use super::launch::{self, Launch};
use super::live::LogRow;
use super::overlay::Overlay;
use super::status::{AppReport, Recalling, Report, Status};
use super::{Wizard, saving};
use crate::secret::Secret;

impl Wizard {
    /// Where it stands, for a face without pages.
    pub fn report(&self) -> Report {
        Report {
            session: self.session().cloned(),
            app: self.app(),
            several: self
                .launch
                .as_ref()
                .and_then(Launch::several)
                .and_then(Several::report),
            status: self.status(),
        }
    }

    /// The commit token that was handed out and not sent yet. Whoever has it can finish the request.
    pub fn token(&self) -> Option<&Secret> {
        self.launch.as_ref()?.token()
    }

    /// The lines of the log that was asked for beside the watch, after this number.
    pub fn log_after(&self, number: u64) -> Vec<LogRow> {
        match (&self.start.log, &self.launch) {
            (Some(_), Some(launch)) => launch.log_after(number),
            _ => Vec::new(),
        }
    }

    fn status(&self) -> Status {
        let behind = || self.launch.as_ref().map(|launch| launch.status(&self.zone));
        match &self.door {
            Some(door) => match door.signed_out() {
                Some(why) => Status::SignedOut {
                    why,
                    behind: behind().map(Box::new),
                },
                None => Status::SigningIn,
            },
            None => behind().unwrap_or_else(|| match &self.recall {
                Some(recall) => Status::Recalling(recall.status()),
                None if self.asked.is_open(Owner::Recall) && self.wanted().is_some() => {
                    Status::Recalling(Recalling::Reading)
                }
                None => Status::Choosing {
                    step: self.form.at,
                    stop: self.form.stop().cloned(),
                },
            }),
        }
    }

    /// The unfinished deployment that was asked for by its id.
    pub(super) fn wanted(&self) -> Option<&str> {
        self.start.resume.as_deref().filter(|id| !id.is_empty())
    }

    fn app(&self) -> Option<AppReport> {
        let about = self.form.facts.about(self.form.app.taken()?)?;
        let founding = about.new.as_ref();
        // Its id is known once its contract is there.
        let id = match founding.and_then(|founding| founding.keeper.chain()) {
            Some(_) => self.launch.as_ref()?.app()?,
            None => about.app.id,
        };
        self.form.facts.is_settled().then(|| AppReport {
            id,
            name: about.app.name.clone(),
            instances: about.instances().len(),
            on_chain: about.is_on_chain(),
        })
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        if self.session().is_none() {
            return vec![Effect::Quit(self.exit())];
        }
        let sentence =
            match &self.launch {
                None | Some(Launch::Review(_)) if self.unanswered.is_some() => launch::UNANSWERED,
                None
                | Some(
                    Launch::Review(_) | Launch::Doubt(_) | Launch::Chain(_) | Launch::Finding(_),
                ) if !self.made.is_empty() => launch::MADE,
                Some(launch) => launch.leaving(),
                None if self.begun => launch::BEGUN,
                None => launch::UNSENT,
            };
        self.overlay = Some(Overlay::leaving(sentence));
        Vec::new()
    }

    /// How the program ends if it is left now: nothing that was made is left out.
    pub fn exit(&self) -> Exit {
        let mut exit = self.exit_here();
        let are_several = self
            .launch
            .as_ref()
            .is_some_and(|launch| launch.several().is_some());
        let on_screen = matches!(self.launch, Some(Launch::Live(_)));
        if let Some(last) = self.made.last()
            && !on_screen
            && exit.outcome != Outcome::Unknown
        {
            if exit.outcome == Outcome::Nothing {
                exit.receipt.clear();
            }
            exit.outcome = last.outcome;
        }
        for made in self.made.iter().rev() {
            // Somebody may have come back to it by the list of instances.
            let mut lines = made.receipt.iter();
            let uuid = lines.find(|line| line.starts_with("  uuid "));
            if uuid.is_none_or(|uuid| !exit.receipt.contains(uuid)) {
                exit.receipt.extend(made.receipt.iter().cloned());
                if are_several {
                    exit.outcome = worse(exit.outcome, made.outcome);
                }
            }
        }
        if let Some(path) = &self.saved {
            exit.receipt.extend(saving::receipt(path));
        }
        exit
    }

    fn exit_here(&self) -> Exit {
        match (&self.unanswered, &self.launch, self.session()) {
            (Some(exit), _, _) => exit.clone(),
            (None, Some(launch), _) => launch.exit(),
            (None, None, Some(_)) => launch::nothing_created(),
            (None, None, None) => Exit {
                outcome: Outcome::SignedOut,
                receipt: vec!["Not signed in; nothing was asked for.".to_owned()],
            },
        }
    }
}

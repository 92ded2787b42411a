//! Step 1 where the app does not exist yet: its name, who keeps its keys, how large its first instance is.
//!
//! The answers come to facts about an app that nobody knows but this form; every later step reads those and no step
//! asks anybody about it. The id is the service's next one, and is renewed whenever it is asked for again.

mod given;
mod name;
mod page;
mod size;

use super::super::picker::Picker;
use crate::api::types::{App, Keeper, KmsChain, KmsKind, Quotas, Resource, Size, stand_in};
use crate::shown::Shown;
use crate::wizard::facts::{AppFacts, Facts, Founding, Load};
use crate::wizard::field::Field;
use crate::wizard::guide::Term;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::menu::Menu;
use crate::wizard::screen::{Input, Reaction};

pub use name::{flaw, suggestion};
pub(super) use size::unfit;

/// Who can keep the keys of a new app, in the order of the menu.
const KMS: [&str; 3] = ["Phala KMS", "Base", "Ethereum"];

/// The same in the words of the service.
const KMS_WORDS: [&str; 3] = ["phala", "base", "ethereum"];

/// The answers about a new app, and where the person is among them.
#[derive(Debug, Default)]
pub struct NewApp {
    part: Part,
    name: Field,
    kms: Menu,
    /// The chain whose KMS keeps the keys; `None` is Phala's own.
    chain: Option<KmsChain>,
    sizes: Picker,
    /// How many sizes the picker last matched.
    known: usize,
    size: Option<Size>,
    disk: Field,
    made: Option<AppFacts>,
}

/// What is asked about a new app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Name,
    Kms,
    Size,
    Disk,
}

/// What the answers come to.
#[derive(Debug, PartialEq)]
pub enum Named {
    /// The person goes on answering.
    Stay(Reaction),
    /// Back to the list of apps.
    Leave,
    /// All is answered.
    Done,
}

impl NewApp {
    /// With this name to begin with.
    pub fn new(suggestion: String) -> Self {
        Self {
            name: Field::open(suggestion),
            ..Self::default()
        }
    }

    /// Begins, or goes on, with the first answer; asks for what the answers are judged by.
    pub fn open(&mut self, facts: &mut Facts) {
        self.part = Part::Name;
        facts.founding = true;
        // The id that was told before may be somebody's app by now.
        facts.next_app = Load::Unasked;
    }

    /// What is known about the app that the answers make, once they are complete.
    pub fn made(&self) -> Option<&AppFacts> {
        self.made.as_ref()
    }

    /// It is somebody else's service now: no id of the one before counts.
    pub fn forget(&mut self, facts: &mut Facts) {
        self.made = None;
        self.size = None;
        self.known = 0;
        facts.next_app = Load::Unasked;
        facts.sizes = Load::Unasked;
    }

    /// Why the form cannot go on with this app.
    pub fn problem(&self, facts: &Facts) -> Option<String> {
        let founding = self.made.as_ref()?.new.as_ref()?;
        match founding.keeper {
            Keeper::Phala { .. } => no_id(facts),
            Keeper::OnChain(_) => None,
        }
    }

    /// After the facts changed: sizes are listed, and an id that was renewed counts.
    pub fn settle(&mut self, facts: &mut Facts) {
        let sizes = facts.sizes.get().map_or(&[][..], Vec::as_slice);
        let ids = sizes.iter().map(|size| size.id.as_str().into());
        self.sizes.refresh(ids.collect::<Vec<_>>().into_iter());
        if self.known == 0
            && let Some(best) = size::smallest(sizes, facts)
        {
            self.sizes.select(best);
        }
        self.known = sizes.len();
        if let (Some(made), Load::Here(next)) = (&mut self.made, &facts.next_app)
            && let Some(founding) = made.new.as_mut()
            && founding.keeper.chain().is_none()
            && made.app.id != next.app
        {
            let before = made.app.id;
            made.app.id = next.app;
            founding.keeper = Keeper::Phala { nonce: next.nonce };
            if facts.about(before).is_some() {
                facts.app = Some(made.clone());
            }
        }
    }

    /// What can be done here now. `taken`: an app of the list has this name.
    pub fn offer(&self, facts: &Facts, taken: impl Fn(&str) -> bool) -> Offer {
        match self.part {
            Part::Name => {
                let offer = Offer::new(Typing::Line);
                match self.name_problem(taken) {
                    Some(problem) => offer.blocked(Command::Next, "next", problem),
                    None => offer.with(Command::Next, "next"),
                }
                .with(Command::Back, "the apps")
            }
            Part::Kms => Menu::offer(Offer::default(), KMS.len()).with(Command::Back, "the name"),
            Part::Size if facts.sizes.error().is_some() => Offer::default()
                .with(Command::Refresh, "try again")
                .with(Command::Back, "the keys"),
            Part::Size => {
                let offer = self.sizes.offer();
                let reason = self.highlighted(facts).map(|size| unfit(size, facts));
                match reason {
                    Some(Some(reason)) => offer.blocked(Command::Next, "take", reason),
                    Some(None) => offer.with(Command::Next, "take"),
                    None => offer,
                }
                .with_if(!facts.sizes.is_pending(), Command::Refresh, "ask again")
                .with(Command::Back, "the keys")
            }
            Part::Disk => {
                let offer = Offer::new(Typing::Line);
                match (self.disk_problem(facts), &facts.next_app) {
                    (Some(problem), _) => offer.blocked(Command::Next, "next", problem),
                    (None, _) if self.chain.is_some() => offer.with(Command::Next, "next"),
                    (None, Load::Failed(_)) => offer.with(Command::Next, "ask for the id again"),
                    (None, _) => match no_id(facts) {
                        Some(wait) => offer.blocked(Command::Next, "next", wait),
                        None => offer.with(Command::Next, "next"),
                    },
                }
                .with(Command::Back, "the sizes")
            }
        }
    }

    /// Its terms.
    pub fn terms(&self) -> &'static [Term] {
        match self.part {
            Part::Kms => &[Term::Kms],
            Part::Name | Part::Size | Part::Disk => &[Term::Cvm],
        }
    }

    /// Takes an input.
    pub fn update(
        &mut self,
        input: Input,
        facts: &mut Facts,
        taken: impl Fn(&str) -> bool,
    ) -> Named {
        match (self.part, input) {
            (Part::Name, Input::Key(key)) => {
                self.name.key(key);
            }
            (Part::Name, Input::Paste(text)) => self.name.paste(text.expose()),
            (Part::Disk, Input::Key(key)) => {
                self.disk.key(key);
            }
            (Part::Disk, Input::Paste(text)) => self.disk.paste(text.expose()),
            (_, Input::Command(Command::Back)) => return self.back(),
            (Part::Name, Input::Command(Command::Next)) if self.name_problem(taken).is_none() => {
                self.part = Part::Kms;
            }
            (Part::Kms, Input::Command(command)) => {
                if let Some(place) = self.kms.update(command, KMS.len()) {
                    self.take_kms(place);
                    self.part = Part::Size;
                }
            }
            (Part::Size, Input::Command(Command::Refresh)) => facts.refresh(),
            (Part::Size, Input::Command(Command::Next)) => self.take_size(facts),
            (Part::Size, Input::Command(command)) => self.sizes.command(command),
            (Part::Disk, Input::Command(Command::Next)) => return self.finish(facts),
            _ => (),
        }
        Named::Stay(Reaction::none())
    }

    fn back(&mut self) -> Named {
        self.part = match self.part {
            Part::Name => return Named::Leave,
            Part::Kms => Part::Name,
            Part::Size => Part::Kms,
            Part::Disk => Part::Size,
        };
        Named::Stay(Reaction::none())
    }

    /// Takes this of [`KMS`].
    fn take_kms(&mut self, place: usize) {
        self.kms = Menu::at(place);
        self.chain = KMS_WORDS.get(place).and_then(|word| KmsChain::of(word));
    }

    fn take_size(&mut self, facts: &Facts) {
        let Some(size) = self.highlighted(facts).cloned() else {
            return;
        };
        if unfit(&size, facts).is_some() {
            return;
        }
        // A disk of another size's default is not carried over; one that was typed is.
        let usual =
            |size: Option<&Size>| size.and_then(|size| size.disk_gb).map(|gb| gb.to_string());
        let untouched =
            self.disk.is_empty() || Some(self.disk.text()) == usual(self.size.as_ref()).as_deref();
        if untouched {
            self.disk.set(&usual(Some(&size)).unwrap_or_default());
        }
        self.size = Some(size);
        self.part = Part::Disk;
    }

    fn finish(&mut self, facts: &mut Facts) -> Named {
        if self.disk_problem(facts).is_some() {
            return Named::Stay(Reaction::none());
        }
        let Some(size) = &self.size else {
            return Named::Stay(Reaction::none());
        };
        let (id, keeper) = match (self.chain, facts.next_app.get().copied()) {
            (Some(chain), _) => (stand_in(self.name.text()), Keeper::OnChain(chain)),
            (None, Some(next)) => (next.app, Keeper::Phala { nonce: next.nonce }),
            (None, None) => {
                if facts.next_app.error().is_some() {
                    facts.next_app = Load::Unasked;
                }
                return Named::Stay(Reaction::none());
            }
        };
        let disk_gb: Option<u64> = self.disk.text().trim().parse().ok();
        let resource = Resource {
            kind: Some(size.id.clone()),
            vcpu: size.vcpu,
            memory_gb: size.memory_mb.map(|mb| mb / 1024.0),
            disk_gb: disk_gb.map(whole).or(size.disk_gb),
            price: size.hourly.clone(),
            period: Some("hourly".into()),
        };
        let app = App {
            id,
            name: Shown::line(self.name.text()),
            kms: match keeper.chain() {
                Some(chain) => KmsKind::OnChain(Shown::line(chain.word())),
                None => KmsKind::Central,
            },
            created_at: None,
            instances: Vec::new(),
            instance_count: Some(0),
        };
        let founding = Founding {
            keeper,
            size: resource,
            disk_gb,
        };
        let made = AppFacts::founded(app, founding);
        facts.app = Some(made.clone());
        self.made = Some(made);
        // Whoever comes back finds the first question.
        self.part = Part::Name;
        Named::Done
    }

    fn highlighted<'f>(&self, facts: &'f Facts) -> Option<&'f Size> {
        facts.sizes.get()?.get(self.sizes.selected()?)
    }

    fn name_problem(&self, taken: impl Fn(&str) -> bool) -> Option<String> {
        let name = self.name.text();
        flaw(name)
            .map(ToOwned::to_owned)
            .or_else(|| taken(name).then(|| "an app of this name is there already".to_owned()))
    }

    fn disk_problem(&self, facts: &Facts) -> Option<String> {
        let text = self.disk.text().trim();
        if text.is_empty() {
            return None;
        }
        let gb = match text.parse::<u32>() {
            Ok(gb) if gb > 0 => f64::from(gb),
            _ => return Some("a whole number of GB, or nothing for the usual size".into()),
        };
        let left = facts
            .quotas
            .get()
            .and_then(|quotas| left(quotas, "disk_gb"))?;
        (gb > left).then(|| format!("the workspace has {left:.0} GB of disk left"))
    }
}

/// Why the app has no id yet, where it has none.
fn no_id(facts: &Facts) -> Option<String> {
    match &facts.next_app {
        Load::Here(_) => None,
        Load::Unasked | Load::Asked => {
            Some("one moment: asking which id the new app will have".into())
        }
        Load::Failed(error) => Some(format!(
            "which id the new app will have did not come: {error}"
        )),
    }
}

/// What is left of a limit of the workspace.
fn left(quotas: &Quotas, name: &str) -> Option<f64> {
    let limit = quotas
        .limits
        .iter()
        .find(|limit| limit.name.as_str() == name)?;
    Some(limit.remaining)
}

/// A number of GB, as prices and sizes have it.
fn whole(gb: u64) -> f64 {
    u32::try_from(gb).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests;

//! What was said about a new app before anybody is asked, judged by the same rules as what is typed.
//!
//! What is not said and has no usual answer stops it: who keeps the keys cannot be changed later, and a size costs money.

use super::{KMS_WORDS, Named, NewApp, Part, no_id, unfit};
use crate::wizard::answers::{self, Question, Stop};
use crate::wizard::facts::{Facts, Load};
use crate::wizard::nearest;

impl NewApp {
    /// Answers with this, as soon as the service said what it is judged by: `true` once all is answered. Where it stops,
    /// the question it stops at is on screen.
    pub fn give(
        &mut self,
        given: &answers::NewApp,
        facts: &mut Facts,
        taken: impl Fn(&str) -> bool,
    ) -> Result<bool, Stop> {
        self.part = Part::Name;
        self.name.set(&given.name);
        if let Some(why) = self.name_problem(taken) {
            return Err(Stop::unusable(Question::NewApp, why));
        }
        self.part = Part::Kms;
        self.give_kms(given.kms.as_deref())?;
        let needs_id = self.chain.is_none();
        let lacks_id = needs_id && facts.next_app.is_pending();
        if facts.sizes.is_pending() || lacks_id || !facts.is_settled() {
            return Ok(false);
        }
        self.part = Part::Size;
        self.give_size(given.size.as_deref(), facts)?;
        if let Some(gb) = given.disk_gb {
            self.disk.set(&gb.to_string());
        }
        if let Some(why) = self.disk_problem(facts) {
            return Err(Stop::unusable(Question::Disk, why));
        }
        if let (Load::Failed(error), true) = (&facts.next_app, needs_id) {
            return Err(Stop::trouble(Question::NewApp, error));
        }
        match (self.finish(facts), no_id(facts)) {
            (Named::Done, _) => Ok(true),
            (Named::Stay(_) | Named::Leave, Some(why)) => {
                Err(Stop::unusable(Question::NewApp, why))
            }
            (Named::Stay(_) | Named::Leave, None) => Ok(false),
        }
    }

    fn give_kms(&mut self, word: Option<&str>) -> Result<(), Stop> {
        let usable = || KMS_WORDS.map(str::to_owned);
        let stop = |why: String| Stop::unusable(Question::Kms, why).with(usable());
        let Some(word) = word else {
            let why =
                "it has to be said who keeps the keys of the new app: that cannot be changed later";
            return Err(stop(why.to_owned()));
        };
        let place = KMS_WORDS.iter().position(|known| *known == word);
        let place = place.ok_or_else(|| stop("no such KMS is known here".to_owned()))?;
        self.take_kms(place);
        Ok(())
    }

    fn give_size(&mut self, name: Option<&str>, facts: &Facts) -> Result<(), Stop> {
        if let Some(error) = facts.sizes.error() {
            return Err(Stop::trouble(Question::Size, error));
        }
        let sizes = facts.sizes.get().map_or(&[][..], Vec::as_slice);
        let usable = sizes.iter().filter(|size| unfit(size, facts).is_none());
        let usable = || usable.clone().map(|size| size.id.to_string());
        let stop = |why: String| Stop::unusable(Question::Size, why).with(usable());
        let Some(name) = name else {
            let why = "it has to be said how large its first instance is: that is what it costs";
            return Err(stop(why.to_owned()));
        };
        let Some(place) = sizes.iter().position(|size| size.id.as_str() == name) else {
            let near = nearest::hint(name, sizes.iter().map(|size| &size.id));
            return Err(stop(format!("there is no such size{near}")));
        };
        if let Some(why) = unfit(&sizes[place], facts) {
            return Err(stop(why));
        }
        self.sizes.select(place);
        self.take_size(facts);
        Ok(())
    }
}

//! The values of the new app. In the run that has them they are encrypted by themselves; a later one is given them
//! anew, in a file, as they are written down nowhere.

use std::path::PathBuf;

use super::{At, Found, Step, View};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::dotenv;
use crate::wizard::event::{Request, TextFile};
use crate::wizard::field::Field;
use crate::wizard::keymap::Command;
use crate::wizard::screen::{Input, Outcome, Wish};

impl Found {
    /// Encrypts the values, or asks for them.
    pub(super) fn seal(&mut self) -> Vec<Wish> {
        let Some(key) = &self.env_key else {
            return self.ask_key();
        };
        let public_key = key.public_key.clone();
        if self.brief.seal.is_empty() {
            if let Some(path) = self.brief.registering.values.take() {
                return self.read(path);
            }
            return self.ask_values(None);
        }
        if let Some(provision) = &mut self.ticket.provision {
            provision.env_key = Some(public_key.clone());
        }
        self.at = At::Sealing;
        vec![Wish::Ask(Request::Seal {
            key: public_key.to_string(),
            entries: self.brief.seal.clone(),
        })]
    }

    fn ask_values(&mut self, why: Option<String>) -> Vec<Wish> {
        self.at = At::Values(why);
        self.view = View::Values(Field::open(""));
        Vec::new()
    }

    fn read(&mut self, path: PathBuf) -> Vec<Wish> {
        self.at = At::Reading;
        self.view = View::Overview;
        vec![Wish::Ask(Request::ReadFile(path))]
    }

    /// The path of a file with values is being typed.
    pub(super) fn typed_path(mut self, input: Input) -> Step {
        let View::Values(field) = &mut self.view else {
            return Outcome::stay(self);
        };
        match input {
            Input::Key(key) => {
                field.key(key);
            }
            Input::Paste(text) => field.paste(text.expose()),
            Input::Command(Command::Back) => return Outcome::Leave,
            Input::Command(Command::Next) if !field.is_empty() => {
                let path = PathBuf::from(field.text().trim());
                let wishes = self.read(path);
                return Outcome::Stay(self, wishes);
            }
            _ => (),
        }
        Outcome::stay(self)
    }

    pub(super) fn take_values(&mut self, reply: Result<TextFile, Shown>) -> Vec<Wish> {
        let read = reply.map_err(|why| why.to_string());
        match read.and_then(|file| self.entries(&file)) {
            Ok(entries) => {
                self.brief.seal = entries;
                self.seal()
            }
            Err(why) => self.ask_values(Some(why)),
        }
    }

    /// The values of a file, where it has those names that were provisioned, no more and no fewer.
    fn entries(&self, file: &TextFile) -> Result<Vec<(String, Secret)>, String> {
        let reading = dotenv::read(file.text.expose());
        if let Some(problem) = reading.problems.first() {
            return Err(format!("line {}: {problem}", problem.line));
        }
        let names = &self.brief.env_names;
        let has = |name: &String| reading.entries.iter().any(|entry| entry.name == *name);
        if let Some(missing) = names.iter().find(|name| !has(name)) {
            let missing = Shown::line(missing);
            return Err(format!("the file has no value for {missing}"));
        }
        let stranger = reading
            .entries
            .iter()
            .find(|entry| !names.contains(&entry.name));
        if let Some(stranger) = stranger {
            let name = &stranger.name;
            return Err(format!("{name} is none of the names that were provisioned"));
        }
        let entries = reading.entries.into_iter();
        Ok(entries.map(|entry| (entry.name, entry.value)).collect())
    }
}

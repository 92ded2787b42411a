//! A name and its value being typed: the name in sight, the value hidden.

use crossterm::event::{KeyCode, KeyEvent};

use super::import::line_ends;
use super::table::length;
use crate::secret::Secret;
use crate::trust::dotenv::NameFlaw;
use crate::wizard::field::Field;
use crate::wizard::keymap::{Command, Offer, Typing};
use crate::wizard::page::{Block, Line};

/// A row being typed.
#[derive(Debug)]
pub struct EntryForm {
    name: Field,
    /// `None` while the name is typed.
    value: Option<Field>,
    /// A pasted value of several lines, which a field cannot hold.
    block: Option<Secret>,
}

/// A row that was typed.
#[derive(Debug, PartialEq, Eq)]
pub struct Entered {
    /// A valid variable name.
    pub name: String,
    /// Its value, which may be empty.
    pub value: Secret,
}

impl EntryForm {
    /// Asks for a name first.
    pub fn name() -> Self {
        Self {
            name: Field::open(""),
            value: None,
            block: None,
        }
    }

    /// Asks for the value of this name.
    pub fn value(name: String) -> Self {
        Self {
            name: Field::open(name),
            value: Some(Field::hidden()),
            block: None,
        }
    }

    /// Whether the name is known and the value is typed.
    pub fn is_at_value(&self) -> bool {
        self.value.is_some()
    }

    /// What can be done now.
    pub fn offer(&self) -> Offer {
        let offer = Offer::new(Typing::Line);
        let offer = match (&self.value, self.flaw()) {
            (Some(_), _) => offer.with(Command::Next, "set"),
            (None, Some(flaw)) => offer.blocked(Command::Next, "then its value", flaw),
            (None, None) => offer.with(Command::Next, "then its value"),
        };
        offer.with(Command::Back, "leave as it was")
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) {
        match (&mut self.value, &self.block) {
            (None, _) => {
                self.name.key(key);
            }
            (Some(_), Some(_)) if matches!(key.code, KeyCode::Backspace | KeyCode::Delete) => {
                self.block = None;
            }
            // The pasted lines are the value as a whole.
            (Some(_), Some(_)) => (),
            (Some(value), None) => {
                value.key(key);
            }
        }
    }

    /// Takes pasted text: a text of several lines is the whole value, such as a key in PEM form.
    pub fn paste(&mut self, text: &Secret) {
        match &mut self.value {
            None => self.name.paste(text.expose().trim()),
            Some(value) => {
                let lines = line_ends(text.expose().trim_end_matches(['\r', '\n']));
                if lines.expose().contains(['\n', '\t']) {
                    value.clear();
                    self.block = Some(lines);
                } else if self.block.is_none() {
                    value.paste(lines.expose());
                }
            }
        }
    }

    /// Takes the name, then the value, which is what comes back.
    pub fn enter(&mut self) -> Option<Entered> {
        if let Some(value) = &mut self.value {
            let value = self.block.take().unwrap_or_else(|| value.take());
            let name = self.name.text().to_owned();
            return Some(Entered { name, value });
        }
        if self.flaw().is_none() {
            self.value = Some(Field::hidden());
        }
        None
    }

    /// The field in front.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let Some(value) = &self.value else {
            return vec![Block::Field {
                label: "name",
                field: &self.name,
            }];
        };
        let whose = Line::new().strong(self.name.text());
        match &self.block {
            Some(block) => vec![Block::Text(vec![
                whose
                    .plain("  ")
                    .plain(length(block))
                    .dim(" pasted; Enter sets it, Backspace drops it"),
            ])],
            None => vec![
                Block::Text(vec![
                    whose.dim("  typed hidden; what was set before is replaced"),
                ]),
                Block::Field {
                    label: "value",
                    field: value,
                },
            ],
        }
    }

    /// Why the name is not one.
    fn flaw(&self) -> Option<String> {
        match NameFlaw::of(self.name.text())? {
            NameFlaw::Empty => Some("type a name first".into()),
            flaw => Some(flaw.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CANARY, typing};
    use super::*;

    fn blocked(form: &EntryForm) -> Option<String> {
        form.offer().find(Command::Next)?.blocked.clone()
    }

    #[test]
    fn a_name_comes_before_its_value_and_has_to_be_one() {
        let mut form = EntryForm::name();
        assert_eq!(blocked(&form).as_deref(), Some("type a name first"));
        typing("1A").for_each(|key| form.key(key));
        assert_eq!(
            blocked(&form).as_deref(),
            Some("a name cannot start with a digit")
        );
        form.enter();
        assert!(!form.is_at_value());
    }

    #[test]
    fn a_value_is_typed_hidden() {
        let mut form = EntryForm::name();
        typing("KEY").for_each(|key| form.key(key));
        assert_eq!(form.enter(), None);
        typing(CANARY).for_each(|key| form.key(key));
        assert!(!format!("{form:?}").contains(CANARY));
        let entered = form.enter().unwrap();
        assert_eq!(
            (entered.name.as_str(), entered.value.expose()),
            ("KEY", CANARY)
        );
    }

    #[test]
    fn a_pasted_value_keeps_its_lines() {
        let mut form = EntryForm::value("PEM".into());
        form.paste(&Secret::new("-----BEGIN\rabc\r-----END\r"));
        typing("x").for_each(|key| form.key(key));
        assert_eq!(
            form.enter().unwrap().value.expose(),
            "-----BEGIN\nabc\n-----END"
        );
    }

    #[test]
    fn backspace_drops_pasted_lines() {
        let mut form = EntryForm::value("PEM".into());
        form.paste(&Secret::new("a\nb"));
        form.key(KeyEvent::from(KeyCode::Backspace));
        form.paste(&Secret::new("c"));
        assert_eq!(form.enter().unwrap().value.expose(), "c");
    }
}

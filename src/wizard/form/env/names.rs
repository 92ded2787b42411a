//! The names in play: used by the compose file, given here, let through by the app, set in the live revision.
//!
//! Compared once per change and never while drawing. It knows no values.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::types::Document;
use crate::check::names::{self, NameState, NameVerdict, UsedName};
use crate::wizard::facts::Facts;
use crate::wizard::form::compose::checked::same;

/// The comparison, and what it was made from.
#[derive(Debug, Default)]
pub struct Names {
    compose: String,
    document: Option<Arc<Document>>,
    given: Vec<String>,
    used: Vec<UsedName>,
    live: Vec<String>,
    /// The app does not exist yet: it lets through what is given.
    is_new: bool,
    rows: Vec<NameState>,
}

impl Names {
    /// Compares anew where one of the lists changed.
    ///
    /// `given` is `None` where the values stay as they are: then every name that the app lets through counts as given.
    pub fn settle(&mut self, facts: &Facts, compose: &str, given: Option<Vec<String>>) {
        let was_new = std::mem::replace(&mut self.is_new, facts.is_new_app());
        let document = facts.app.as_ref().and_then(|about| about.document.get());
        let other_compose = self.compose != compose;
        if other_compose {
            compose.clone_into(&mut self.compose);
            self.used = names::used(compose);
        }
        let other_document = !same(self.document.as_ref(), document) || was_new != self.is_new;
        if other_document {
            self.document = document.cloned();
            self.live = document.map_or_else(Vec::new, |document| live(document));
        }
        let given = given.unwrap_or_else(|| match self.allowed() {
            _ if self.is_new => Vec::new(),
            Some(allowed) => allowed.to_vec(),
            // Nothing is known, so nothing is said to be missing.
            None => self.used.iter().map(|used| used.name.clone()).collect(),
        });
        if other_compose || other_document || self.given != given {
            self.given = given;
            self.rows = names::compare(&self.used, &self.given, self.allowed());
        }
    }

    /// One row per name that is used or given.
    pub fn rows(&self) -> &[NameState] {
        &self.rows
    }

    /// Names that the compose file uses.
    pub fn used(&self) -> &[UsedName] {
        &self.used
    }

    /// Names that the app lets through; `None` where the service does not say.
    pub fn allowed(&self) -> Option<&[String]> {
        if self.is_new {
            return Some(&self.given);
        }
        self.document.as_ref()?.allowed_envs.as_deref()
    }

    /// Names that fare like this, in the order of the rows.
    pub fn with(&self, verdict: NameVerdict) -> impl Iterator<Item = &NameState> {
        self.rows.iter().filter(move |row| row.state == verdict)
    }

    /// Names that the live revision may have values for, and that would have none any more. What is missing outright
    /// is not repeated here.
    pub fn vanishing(&self) -> Vec<&str> {
        let missing: BTreeSet<&str> = self
            .with(NameVerdict::Missing)
            .map(|row| row.name.as_str())
            .collect();
        let mut names = names::vanishing(&self.live, &self.given);
        names.retain(|name| !missing.contains(name));
        names
    }
}

/// The app's own list, or else what its compose file uses.
fn live(document: &Document) -> Vec<String> {
    match &document.allowed_envs {
        Some(names) => names.clone(),
        None => names::used(&document.compose)
            .into_iter()
            .map(|used| used.name)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{facts, facts_unsure};
    use super::*;

    const COMPOSE: &str = "services:\n  api:\n    image: a\n    environment:\n      - KEY=${KEY}\n      - LEVEL=${LEVEL:-info}\n";

    fn given(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_app_lets_through_and_nobody_gives_vanishes() {
        let mut names = Names::default();
        names.settle(&facts(&["KEY", "LEVEL", "OLD"]), COMPOSE, Some(given(&[])));
        let missing: Vec<&str> = names
            .with(NameVerdict::Missing)
            .map(|row| row.name.as_str())
            .collect();
        assert_eq!(missing, ["KEY"]);
        assert_eq!(names.vanishing(), ["LEVEL", "OLD"]);
    }

    #[test]
    fn inheriting_counts_what_the_app_lets_through_as_given() {
        let mut names = Names::default();
        names.settle(&facts(&["LEVEL"]), COMPOSE, None);
        let missing: Vec<&str> = names
            .with(NameVerdict::Missing)
            .map(|row| row.name.as_str())
            .collect();
        assert_eq!(missing, ["KEY"]);
        assert_eq!(names.vanishing(), [""; 0]);
    }

    #[test]
    fn without_a_list_the_live_compose_file_tells_what_vanishes() {
        let mut names = Names::default();
        names.settle(
            &facts_unsure(COMPOSE),
            "services: {}\n",
            Some(given(&["LEVEL"])),
        );
        assert_eq!(names.allowed(), None);
        assert_eq!(names.vanishing(), ["KEY"]);
    }

    #[test]
    fn a_new_compose_file_is_compared_anew() {
        let mut names = Names::default();
        let facts = facts(&["KEY"]);
        names.settle(&facts, "services: {}\n", Some(given(&["KEY"])));
        assert_eq!(names.with(NameVerdict::Unused).count(), 1);
        names.settle(&facts, COMPOSE, Some(given(&["KEY"])));
        assert_eq!(names.with(NameVerdict::Unused).count(), 0);
    }
}

//! Three lists of names compared: used in the compose text, given by the person, allowed by the app.
//!
//! Docker compose fills in a missing name with nothing and the guest drops a name that is not allowed, both without
//! a word. Here they are said aloud. Values are not known here.

mod template;
mod typo;

use std::collections::{HashMap, HashSet};

use super::default_script::Duty;
use super::yaml::{self, Node, Value};

pub use template::Need;
pub use typo::meant;

/// A name the compose text uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedName {
    /// The variable.
    pub name: String,
    /// How badly it is needed; the strongest of all its uses.
    pub need: Need,
    /// Services that use it, in order; a use outside of services is named after its section (`configs`).
    pub used_by: Vec<String>,
    /// Line of its first use, counted from 1.
    pub line: usize,
}

/// A `$` in a value that docker compose would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadDollar {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// How a name fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameVerdict {
    /// Given, allowed and used.
    Ok,
    /// Used and not given: blank in the container, or a failed boot where the text demands it.
    Missing,
    /// Not given, and the text has a default or can do without.
    Defaulted,
    /// Not given, and the platform's default script sets it.
    SetByDefaultScript,
    /// Given and used by nobody.
    Unused,
    /// Given, but the guest would drop it without a word.
    NotAllowed,
}

/// One row of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameState {
    /// The variable.
    pub name: String,
    /// Who uses it.
    pub used_by: Vec<String>,
    /// How badly the compose text needs it; `None` when the text does not use it.
    pub need: Option<Need>,
    /// Whether the person gave it.
    pub given: bool,
    /// Whether the app allows it; `None` when that is not known.
    pub allowed: Option<bool>,
    /// How it fares.
    pub state: NameVerdict,
    /// The name it probably was meant to be.
    pub typo_of: Option<String>,
}

/// Names used in a compose text, in the order of first use. A text that is not YAML uses none.
pub fn used(text: &str) -> Vec<UsedName> {
    yaml::parse(text)
        .map(|root| scan(&root, text).0)
        .unwrap_or_default()
}

/// Compares the lists: first the names used, in their order, then the others that were given, in theirs.
pub fn compare(used: &[UsedName], given: &[String], allowed: Option<&[String]>) -> Vec<NameState> {
    let given_set: HashSet<&str> = given.iter().map(String::as_str).collect();
    let used_set: HashSet<&str> = used.iter().map(|u| u.name.as_str()).collect();
    let allows = |name: &str| allowed.map(|names| names.iter().any(|n| n == name));
    let used_rows = used.iter().map(|u| {
        let is_given = given_set.contains(u.name.as_str());
        let needed = match &u.need {
            Need::Optional => false,
            Need::FallbackFor(other) => !given_set.contains(other.as_str()),
            Need::Expected | Need::Required => true,
        };
        let state = match (is_given, allows(&u.name)) {
            (true, Some(false)) => NameVerdict::NotAllowed,
            (true, _) => NameVerdict::Ok,
            (false, _) if Duty::of(&u.name) == Some(Duty::Sets) => NameVerdict::SetByDefaultScript,
            (false, _) if needed => NameVerdict::Missing,
            (false, _) => NameVerdict::Defaulted,
        };
        row(
            &u.name,
            u.used_by.clone(),
            Some(u.need.clone()),
            is_given,
            allows(&u.name),
            state,
        )
    });
    let mut seen = HashSet::new();
    let others = given
        .iter()
        .filter(|name| !used_set.contains(name.as_str()) && seen.insert(name.as_str()));
    let other_rows = others.map(|name| {
        let duty = Duty::of(name).filter(|duty| *duty != Duty::Sets);
        let state = match (allows(name), duty) {
            (Some(false), _) => NameVerdict::NotAllowed,
            (_, Some(_)) => NameVerdict::Ok,
            (_, None) => NameVerdict::Unused,
        };
        let used_by = duty
            .map(|duty| duty.label().to_owned())
            .into_iter()
            .collect();
        row(name, used_by, None, true, allows(name), state)
    });
    let mut rows: Vec<NameState> = used_rows.chain(other_rows).collect();
    typo::guess(&mut rows);
    rows
}

/// Names of the live revision that would not exist any more after setting all anew.
pub fn vanishing<'n>(live: &'n [String], given: &[String]) -> Vec<&'n str> {
    live.iter()
        .filter(|name| !given.contains(name))
        .map(String::as_str)
        .collect()
}

fn row(
    name: &str,
    used_by: Vec<String>,
    need: Option<Need>,
    given: bool,
    allowed: Option<bool>,
    state: NameVerdict,
) -> NameState {
    NameState {
        name: name.to_owned(),
        used_by,
        need,
        given,
        allowed,
        state,
        typo_of: None,
    }
}

/// Names used in a parsed text, and dollars that compose would refuse.
pub(super) fn scan(root: &Node, text: &str) -> (Vec<UsedName>, Vec<BadDollar>) {
    let mut scan = Scan {
        lines: text.lines().collect(),
        ..Scan::default()
    };
    for (section, value) in root.entries() {
        let section_name = section.text().unwrap_or_default();
        if section_name == "services" {
            for (service, body) in value.entries() {
                scan.service(service.text().unwrap_or_default(), body);
            }
        } else {
            scan.walk(value, section_name);
        }
    }
    (scan.used, scan.bad)
}

#[derive(Default)]
struct Scan<'t> {
    lines: Vec<&'t str>,
    used: Vec<UsedName>,
    /// Where each name stands in `used`.
    places: HashMap<String, usize>,
    bad: Vec<BadDollar>,
}

impl<'t> Scan<'t> {
    fn service(&mut self, name: &str, body: &Node) {
        self.walk(body, name);
        let Some(environment) = body.get("environment") else {
            return;
        };
        for item in environment.items() {
            if let Some(passed) = item.text().filter(|text| !text.contains(['=', '$'])) {
                self.add(passed, Need::Expected, name, item.line);
            }
        }
        for (key, value) in environment.entries() {
            if let Some(passed) = key.text().filter(|_| value.is_null()) {
                self.add(passed, Need::Expected, name, key.line);
            }
        }
    }

    /// Looks into every value below; keys are not filled in by compose.
    fn walk(&mut self, node: &Node, user: &str) {
        match &node.value {
            Value::Null => {}
            Value::Text(text) => {
                let found = template::scan(text);
                let lines = self.lines_of_names(text, node.line);
                for (name, need) in found.uses {
                    let line = lines.get(name.as_str()).copied();
                    self.add(&name, need, user, line.unwrap_or(node.line));
                }
                if found.bad_dollar {
                    self.bad.push(BadDollar {
                        line: node.line,
                        column: node.column,
                    });
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.walk(item, user)),
            Value::Map(entries) => entries.iter().for_each(|(_, value)| self.walk(value, user)),
        }
    }

    /// The first line of every name behind a dollar, for a value of several lines that starts on line `from`.
    ///
    /// An alias has its names elsewhere; then the alias's own line is right.
    fn lines_of_names(&self, value: &str, from: usize) -> HashMap<&'t str, usize> {
        let mut places = HashMap::new();
        let height = value.matches('\n').count();
        if height == 0 || !value.contains('$') {
            return places;
        }
        let lines = self.lines.iter().enumerate();
        for (at, line) in lines.skip(from.saturating_sub(1)).take(height + 2) {
            for after in line.split('$').skip(1) {
                let name = template::name_at(after.strip_prefix('{').unwrap_or(after));
                places.entry(name).or_insert(at + 1);
            }
        }
        places
    }

    fn add(&mut self, name: &str, need: Need, user: &str, line: usize) {
        let Some(&place) = self.places.get(name) else {
            self.places.insert(name.to_owned(), self.used.len());
            let (name, used_by) = (name.to_owned(), vec![user.to_owned()]);
            self.used.push(UsedName {
                name,
                need,
                used_by,
                line,
            });
            return;
        };
        let known = &mut self.used[place];
        known.need = need.max(known.need.clone());
        if !known.used_by.iter().any(|u| u == user) {
            known.used_by.push(user.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;

//! A workspace without a single app (S07): what a person can do there, as a menu.

use super::AppStep;
use crate::wizard::facts::Facts;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::{Choice, Menu};
use crate::wizard::page::{Block, Line, Page, points, title};
use crate::wizard::screen::{Reaction, Wish};

/// How many ways on there are. In the sandbox there is one workspace and one key.
fn ways(facts: &Facts) -> usize {
    if in_sandbox(facts) { 2 } else { 3 }
}

fn in_sandbox(facts: &Facts) -> bool {
    let session = facts.session.as_ref();
    session.is_some_and(|session| session.sandbox.is_some())
}

/// What can be done here.
pub(super) fn offer(facts: &Facts) -> Offer {
    Menu::offer(Offer::default(), ways(facts))
        .with(Command::Add, "")
        .with(Command::Refresh, "ask again")
}

/// The page.
pub(super) fn page(menu: Menu, facts: &Facts) -> Page<'static> {
    let session = facts.session.as_ref();
    let workspace = session.map(|session| session.identity.workspace.to_string());
    let workspace = workspace.filter(|name| !name.is_empty());
    let whose = workspace.map_or_else(
        || "This workspace has no apps yet.".to_owned(),
        |name| format!("The workspace {name} has no apps yet."),
    );
    let choices = [
        Choice::new(
            "Make a first app",
            "from a compose file; one confirmation before anything is billed",
        ),
        if in_sandbox(facts) {
            Choice::new(
                "Another story of the sandbox",
                "most of them have apps already",
            )
        } else {
            Choice::new(
                "Look around in the sandbox",
                "made-up apps; nothing leaves this machine",
            )
        },
        Choice::new(
            "Another workspace or key",
            "a key sees one workspace; take another profile or sign in anew",
        ),
    ];
    let mut lines = vec![title(whose), Line::new()];
    lines.extend(menu.lines(&choices[..ways(facts)]));
    lines.push(Line::new());
    lines.push(
        Line::new()
            .dim("Expected an app? ")
            .plain("r asks again; the key above decides which workspace is seen."),
    );
    let mut side = vec![title("What an app is")];
    side.extend(points(&[
        "an identity: an app id, and keys that only its own code gets",
        "what it runs: a docker compose file",
        "one instance or more: machines that run it",
    ]));
    Page {
        main: vec![Block::Text(lines)],
        side,
        note: Line::new().dim("Nothing is created by looking."),
    }
}

impl AppStep {
    /// Takes a command of the menu.
    pub(super) fn start_somewhere(&mut self, command: Command, facts: &mut Facts) -> Reaction {
        match command {
            Command::Add => return self.found_new(facts),
            Command::Refresh => {
                facts.refresh();
                return Reaction::ask(super::first_page());
            }
            _ => (),
        }
        match self.empty.update(command, ways(facts)) {
            Some(0) => self.found_new(facts),
            Some(1) => Reaction {
                wishes: vec![Wish::Sandbox],
                ..Reaction::none()
            },
            Some(_) => Reaction {
                wishes: vec![Wish::Profiles],
                ..Reaction::none()
            },
            None => Reaction::none(),
        }
    }
}

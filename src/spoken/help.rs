//! What can be answered here, from the same offers and the same key table as the keys.

use super::command::{names, typeable, word};
use super::question::{Kind, TAKES};
use super::reading::Reading;
use crate::wizard::keymap::{self, Command, Offer};
use crate::wizard::sight::RAIL;

/// What can be answered on this page.
pub(super) fn lines(kind: Kind, reading: &Reading, offer: &Offer, place: usize) -> Vec<String> {
    let mut lines = vec!["These answers work here:".to_owned()];
    match kind {
        Kind::List | Kind::Ways | Kind::Buttons => {
            lines.push("  A number, or the beginning of a name, takes that choice.".to_owned());
        }
        Kind::Field(_) => {
            lines.push(
                "  What you type is taken as it is. \\ in front of \"back\", \"help\" or \"quit\" makes it plain text."
                    .to_owned(),
            );
        }
        Kind::Text => {
            lines.push("  read: says the text with the numbers of its lines.".to_owned());
            lines.push(
                "  type: takes a new text line by line. A line with a single dot ends it."
                    .to_owned(),
            );
            lines.push("  done: uses the text as it is.".to_owned());
        }
        Kind::Log => {
            lines.push("  more: says the lines that are new.".to_owned());
            lines.push("  more and a number: says so many of the last lines.".to_owned());
        }
        Kind::Confirm => lines.push("  yes or no.".to_owned()),
        Kind::Go | Kind::Look => {}
    }
    let jumps: Vec<&str> = typeable(offer)
        .filter_map(|offered| match offered.command {
            Command::Jump(step) if usize::from(step) <= place => {
                RAIL.get(usize::from(step).wrapping_sub(1)).copied()
            }
            _ => None,
        })
        .collect();
    for offered in typeable(offer) {
        // Enter alone takes a choice; to find something takes what to find.
        let is_take = offered.command == Command::Next && TAKES.contains(&offered.label);
        // What lies beside each other is typed by its name.
        let is_beside = matches!(
            offered.command,
            Command::Left | Command::Right | Command::Tab
        ) && (reading.tabs.is_some() || reading.buttons.is_some());
        // What is printed stays for everybody to read.
        let is_secret = offered.label.starts_with("show 5");
        let is_later = matches!(offered.command, Command::Jump(_) | Command::Filter);
        if is_later || is_take || is_beside || is_secret {
            continue;
        }
        let Some(binding) = keymap::binding(offered.command) else {
            continue;
        };
        let names = names(offered);
        let Some(name) = names.first() else { continue };
        let what = match (word(offered.command), offered.label) {
            (Some(_), label) if !label.is_empty() && label != *name => label,
            _ if offered.command == Command::Next => "goes on",
            _ if offered.command == Command::Back => "one step back",
            _ if offered.command == Command::Leave => "leaves, and asks first",
            _ if offered.command == Command::Suspend => "to the shell until fg",
            _ => binding.help,
        };
        let not_now = match &offered.blocked {
            Some(reason) => format!(" Not now: {reason}."),
            None => String::new(),
        };
        lines.push(format!("  {name}: {what}.{not_now}"));
    }
    if offer.find(Command::Filter).is_some() {
        lines.push(match kind {
            Kind::Log => "  find and a word: the lines that have it.".to_owned(),
            _ => "  find and a word: only what has it in its name.".to_owned(),
        });
    }
    if !jumps.is_empty() {
        lines.push(format!("  {}: back to that step.", jumps.join(", ")));
    }
    if let Some((labels, _)) = &reading.tabs {
        lines.push(format!("  {}: that page.", labels.join(", ")));
    }
    if !reading.side.is_empty() {
        lines.push("  facts: what stands beside this.".to_owned());
    }
    if reading
        .list
        .as_ref()
        .is_some_and(|list| list.unsaid.is_some())
    {
        lines.push("  more: reads the list on.".to_owned());
    }
    lines.push("  again: says everything here once more.".to_owned());
    lines.push("  help: says this.".to_owned());
    lines
}

//! Which commands a screen may offer together.
//!
//! Screens are many, and what they offer changes while they are looked at; to say of two commands that share a key
//! whether that can be misunderstood, it is enough to know the parts of the program each belongs to. The frames, the
//! journeys and the random walk see to it that no screen offers two commands that have no part in common.

use super::{Command, Offer};

/// Lists to pick from: apps, nodes, files, unfinished work.
const PICK: u8 = 1;
/// Compose file, variables and script.
const SOURCE: u8 = 2;
/// From the review to the commit.
const LAUNCH: u8 = 4;
/// The panes over an instance.
const LIVE: u8 = 8;
/// The pane of logs.
const LOG: u8 = 16;
const EVERYWHERE: u8 = PICK | SOURCE | LAUNCH | LIVE | LOG;

fn parts(command: Command) -> u8 {
    match command {
        Command::Auto | Command::Profiles => PICK,
        Command::Toggle => PICK | SOURCE,
        Command::Edit | Command::Files => SOURCE,
        Command::Elsewhere | Command::Faster | Command::Curl => LAUNCH,
        Command::Check => LIVE,
        Command::Follow
        | Command::Wrap
        | Command::Stamps
        | Command::Fold
        | Command::FindNext
        | Command::FindBefore
        | Command::Pager => LOG,
        Command::Save => LAUNCH | LIVE | LOG,
        Command::Filter => PICK | LOG,
        Command::Add | Command::Drop | Command::Jump(_) => PICK | SOURCE | LAUNCH,
        Command::Open => LAUNCH | LIVE,
        Command::Difference | Command::Prove => SOURCE | LAUNCH | LIVE,
        Command::Logs | Command::Switch | Command::Detach | Command::Restart | Command::Delete => {
            LIVE | LOG
        }
        Command::Next
        | Command::Back
        | Command::Up
        | Command::Down
        | Command::Left
        | Command::Right
        | Command::PageUp
        | Command::PageDown
        | Command::First
        | Command::Last
        | Command::Tab
        | Command::BackTab
        | Command::Choose(_)
        | Command::Refresh
        | Command::Copy
        | Command::Help
        | Command::Redraw
        | Command::Suspend
        | Command::Leave => EVERYWHERE,
    }
}

/// Whether some screen may offer both.
pub fn may_meet(one: Command, other: Command) -> bool {
    parts(one) & parts(other) != 0
}

/// Commands that are offered together although they have no part in common. There must be none.
pub fn strangers(offer: &Offer) -> Vec<(Command, Command)> {
    let commands = || offer.commands.iter().map(|offered| offered.command);
    let pairs = commands().flat_map(|one| commands().map(move |other| (one, other)));
    pairs
        .filter(|(one, other)| !may_meet(*one, *other))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{BINDINGS, Typing};
    use super::*;

    #[test]
    fn usual_keys_that_two_commands_share_never_meet() {
        let mut shared = 0;
        for (place, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[place + 1..] {
                let both = |key| one.letters.contains(key) || one.always.contains(key);
                if other.letters.iter().chain(&*other.always).any(both) {
                    shared += 1;
                    assert!(
                        !may_meet(one.command, other.command),
                        "{:?} and {:?}",
                        one.command,
                        other.command
                    );
                }
            }
        }
        assert!(shared >= 5, "only {shared} keys are shared");
    }

    #[test]
    fn strangers_are_seen() {
        let offer = Offer::new(Typing::No)
            .with(Command::Auto, "auto")
            .with(Command::Leave, "leave");
        assert_eq!(strangers(&offer), []);
        let offer = offer.with(Command::Fold, "fold");
        assert!(strangers(&offer).contains(&(Command::Auto, Command::Fold)));
    }
}

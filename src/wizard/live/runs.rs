//! What runs in an instance and where it answers, in the few lines that the status has for it.

use super::Live;
use crate::api::error::Error;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::page::{Line, Mark, Tone};

impl Live {
    /// Containers and addresses, as far as they were told.
    pub(super) fn what_runs(&self) -> Vec<Line> {
        let mut lines = match self.containers.told() {
            None => vec![asking("containers")],
            Some(Err(error)) => vec![unread("containers", error)],
            Some(Ok(told)) if told.containers.is_empty() => {
                vec![Line::label("containers", 12).plain("none are told")]
            }
            Some(Ok(_)) => self.containers.lines(),
        };
        match self.reach.told() {
            None => lines.push(asking("address")),
            Some(Err(error)) => lines.push(unread("address", error)),
            Some(Ok(network)) => {
                if network.urls.is_empty() {
                    lines.push(
                        Line::label("address", 12)
                            .plain("none is told")
                            .dim(format!("   {} asks again", hint(Command::Refresh))),
                    );
                }
                for (index, url) in network.urls.iter().enumerate() {
                    let label = if index == 0 { "address" } else { "" };
                    lines.push(Line::label(label, 12).tone(Tone::Address, url.as_str()));
                }
                lines.extend(
                    self.reach
                        .verdict()
                        .map(|verdict| Line::label("", 12).join(verdict)),
                );
                if !network.online {
                    lines.push(Line::label("", 12).warn("the gateway says that it is not online"));
                }
            }
        }
        lines
    }
}

fn asking(label: &str) -> Line {
    Line::label(label, 12).mark(Mark::Busy).dim("asking")
}

fn unread(label: &str, error: &Error) -> Line {
    Line::label(label, 12)
        .mark(Mark::Warn)
        .warn(format!("could not be read: {error}"))
        .dim(format!("   {} asks again", hint(Command::Refresh)))
}

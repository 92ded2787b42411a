//! What stands beside and below the panes: the facts of the instance, the next commands, what it costs.

use super::Live;
use super::verdict::Verdict;
use crate::wizard::page::{Line, title};

impl Live {
    pub(super) fn side(&self) -> Vec<Line> {
        let mut lines = vec![title("The instance")];
        for (label, value) in self.facts(|hash| hash.short()) {
            // Long ids get a line of their own, so that they can be selected whole.
            if value.len() > 24 {
                lines.push(Line::new().dim(label));
                lines.push(Line::from(value));
            } else {
                lines.push(Line::pair(label, 13, value));
            }
        }
        if self.about.sandbox {
            lines.push(Line::new().warn("made up by the sandbox"));
        }
        if self.feed.uuid().is_some() {
            let numbered = self.verdict == Verdict::Running && !self.asks_for_remedy();
            lines.push(Line::new());
            lines.push(title(if numbered {
                "Next commands: a number copies"
            } else {
                "From another terminal"
            }));
            let listed = if numbered {
                self.copies()
            } else {
                self.commands()
            };
            for (index, copy) in listed.into_iter().enumerate() {
                let line = if numbered {
                    Line::new().key(format!("{} ", index + 1))
                } else {
                    Line::new()
                };
                lines.push(line.dim(copy.label));
                lines.push(Line::new().accent(copy.text));
            }
        }
        if self.verdict == Verdict::Booting {
            lines.push(Line::new());
            lines.push(Line::from(
                "You can close this window: the boot goes on without it.",
            ));
        }
        lines
    }

    pub(super) fn note(&self, now: u64) -> Line {
        let price = match (&self.about.price, self.about.sandbox) {
            (_, true) => "nothing is billed in the sandbox".to_owned(),
            (Some(price), _) => match self.price_so_far(now) {
                Some(so_far) => format!("billed at {price}, {so_far} so far"),
                None => format!("billed at {price} while it exists"),
            },
            (None, _) => "billed while it exists".to_owned(),
        };
        let line = match self.verdict {
            Verdict::Booting => Line::new().plain("Booting; you are told when it is over."),
            Verdict::Stalled => Line::new().warn("No progress.").plain(" Waiting is safe."),
            Verdict::Running if self.proof.alarms().next().is_some() => {
                return Line::new()
                    .bad("It runs, and does not prove to be what you asked for.")
                    .plain(" v tells what differs.");
            }
            Verdict::Running if self.containers.troubled().next().is_some() => {
                Line::new().warn("Running, not healthy.")
            }
            Verdict::Running if !self.is_made() => {
                return Line::new()
                    .good("Running.")
                    .plain(" Leaving does not stop it.");
            }
            Verdict::Running => {
                return Line::new()
                    .good("Done.")
                    .plain(" This summary is printed to your terminal when you leave.");
            }
            Verdict::Degraded => Line::new().warn("Running, not healthy."),
            Verdict::Failed => Line::new()
                .bad("Failed.")
                .plain(" Nothing else is affected."),
            Verdict::Gone => return Line::new().bad("Gone."),
            Verdict::Deleted => return Line::new().plain("Deleted. Nothing of it is billed."),
        };
        line.dim(format!("  {price}  {}", self.feed.words()))
    }

    /// What it came to since it was made, where the price is by the hour.
    fn price_so_far(&self, now: u64) -> Option<String> {
        let price = self.about.price.as_deref()?.strip_prefix('$')?;
        let hourly: f64 = price.strip_suffix("/hour")?.parse().ok()?;
        #[expect(clippy::cast_precision_loss, reason = "seconds of a session")]
        let so_far = hourly * now.saturating_sub(self.since) as f64 / 3600.0;
        (self.is_made() && hourly.is_finite()).then(|| format!("about ${so_far:.2}"))
    }
}

//! How the guest's system is doing, over time: processors, memory, disks.

use std::collections::{BTreeMap, VecDeque};

use super::poll::Poll;
use super::receipt::span;
use crate::api::error::Error;
use crate::api::types::{Disk, Stats};
use crate::shown::Shown;
use crate::wizard::page::{Line, Mark, Tone, title};
use crate::wizard::plan::bytes;
use crate::wizard::status::Figures;
use crate::wizard::trouble;

/// Values kept of each gauge: ten minutes at five seconds.
const MOST: usize = 120;
/// Columns of a graph.
const GRAPH: usize = 48;
/// Columns of a bar.
const BAR: u16 = 16;
/// Columns of the graph of a disk.
const DISK_GRAPH: usize = 16;
const LABEL: usize = 10;
/// Steps, in hundredths, in which figures are told where nobody looks at a graph.
const COARSE: u8 = 5;
/// From this share on it is worth a look.
const HIGH: u8 = 90;

/// What was told of the guest's system.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gauges {
    /// When it is asked.
    pub poll: Poll,
    last: Option<Result<Stats, Error>>,
    /// Why the last look told nothing, where an earlier one did.
    trouble: Option<Error>,
    processors: VecDeque<u8>,
    memory: VecDeque<u8>,
    disks: BTreeMap<Shown, VecDeque<u8>>,
}

impl Gauges {
    /// Takes an answer.
    pub fn take(&mut self, reply: Result<Stats, Error>, now: u64) {
        self.poll.answered(reply.is_ok(), now);
        if let Ok(stats) = &reply {
            note(&mut self.processors, busy(stats));
            note(&mut self.memory, share(stats.memory_used, stats.memory));
            // Only what is there now: a service that renames its disks must not fill the memory.
            self.disks
                .retain(|place, _| stats.disks.iter().any(|disk| disk.place == *place));
            for disk in &stats.disks {
                note(
                    self.disks.entry(disk.place.clone()).or_default(),
                    full(disk),
                );
            }
        }
        // A look that failed is told beside what is known, and does not take its place.
        (self.last, self.trouble) = match (reply, self.last.take()) {
            (Err(error), Some(Ok(known))) => (Some(Ok(known)), Some(error)),
            (reply, _) => (Some(reply), None),
        };
    }

    /// What was told last, coarsely, for a face without pages.
    pub fn figures(&self) -> Option<Figures> {
        let Some(Ok(stats)) = &self.last else {
            return None;
        };
        let coarse = |value: u8| value - value % COARSE;
        let disks = stats
            .disks
            .iter()
            .filter_map(|disk| Some((disk.place.clone(), coarse(full(disk)?))));
        stats.online.then(|| Figures {
            processors: busy(stats).map(coarse),
            memory: share(stats.memory_used, stats.memory).map(coarse),
            disks: disks.collect(),
        })
    }

    /// The pane.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self.trouble.iter().map(trouble::brief).collect();
        lines.extend(self.told());
        lines
    }

    fn told(&self) -> Vec<Line> {
        let stats = match &self.last {
            None => {
                return vec![Line::new().mark(Mark::Busy).dim("asking the guest")];
            }
            Some(Err(error)) => return vec![trouble::brief(error)],
            Some(Ok(stats)) => stats,
        };
        if stats.public == Some(false) {
            return vec![
                Line::from("The app keeps its statistics to itself."),
                Line::new().dim("'public_sysinfo' is off in its document."),
            ];
        }
        if !stats.online {
            let mut lines = vec![Line::from("The guest does not answer yet.")];
            lines.extend(
                stats
                    .trouble
                    .as_ref()
                    .map(|words| Line::new().dim(format!("In the service's words: {words}"))),
            );
            return lines;
        }
        let mut lines = vec![title("Processors")];
        lines.push(graph("busy", &self.processors));
        let load: Vec<String> = stats
            .load
            .iter()
            .map(|load| load.map_or_else(|| "?".to_owned(), |load| format!("{load:.2}")))
            .collect();
        let cpus = stats
            .cpus
            .map_or_else(|| "? CPUs".to_owned(), |cpus| format!("{cpus} CPUs"));
        lines.push(
            Line::pair("load", LABEL, load.join("  ")).dim(format!("   1, 5, 15 minutes; {cpus}")),
        );
        lines.push(Line::new());
        lines.push(title("Memory"));
        lines.push(graph("used", &self.memory));
        if let (Some(used), Some(all)) = (stats.memory_used, stats.memory) {
            lines.push(Line::pair(
                "",
                LABEL,
                format!("{} of {}", bytes(used), bytes(all)),
            ));
        }
        lines.push(Line::new());
        lines.push(title("Disks"));
        for disk in &stats.disks {
            lines.push(self.disk(disk));
        }
        if stats.disks.is_empty() {
            lines.push(Line::new().dim("none are told"));
        }
        lines.push(Line::new());
        let system = [stats.system.as_ref(), stats.kernel.as_ref()];
        let system: Vec<String> = system
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        if !system.is_empty() {
            lines.push(Line::pair("system", LABEL, system.join(", kernel ")));
        }
        if let Some(uptime) = stats.uptime {
            lines.push(Line::pair("up for", LABEL, span(uptime)));
        }
        lines
    }

    fn disk(&self, disk: &Disk) -> Line {
        let now = full(disk).unwrap_or(0);
        let used = disk.size.saturating_sub(disk.free);
        let line = Line::label(&format!("{:.15}", disk.place), LABEL + 6)
            .join(Line::bar(tone(now), now, BAR))
            .plain(format!(" {now:>3} %  "));
        let seen = self.disks.get(&disk.place).map_or_else(Vec::new, |seen| {
            let from = seen.len().saturating_sub(DISK_GRAPH);
            seen.iter().skip(from).copied().collect()
        });
        line.join(Line::graph(tone(now), seen)).dim(format!(
            "  {} of {}",
            bytes(used),
            bytes(disk.size)
        ))
    }
}

/// How full a disk is, in hundredths.
fn full(disk: &Disk) -> Option<u8> {
    share(Some(disk.size.saturating_sub(disk.free)), Some(disk.size))
}

/// Processors in use, in hundredths of all of them: the load of the last minute says it best of what is told.
fn busy(stats: &Stats) -> Option<u8> {
    let (load, cpus) = (stats.load[0]?, stats.cpus?);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 100"
    )]
    (cpus > 0).then(|| (load / cpus as f64 * 100.0).clamp(0.0, 100.0) as u8)
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<u8> {
    let (part, whole) = (u128::from(part?), u128::from(whole?));
    let share = (part * 100).checked_div(whole)?;
    Some(u8::try_from(share).unwrap_or(100).min(100))
}

fn note(values: &mut VecDeque<u8>, value: Option<u8>) {
    values.extend(value);
    while values.len() > MOST {
        values.pop_front();
    }
}

fn graph(label: &str, values: &VecDeque<u8>) -> Line {
    let Some(last) = values.back() else {
        return Line::label(label, LABEL).dim("not told");
    };
    let seen: Vec<u8> = values
        .iter()
        .skip(values.len().saturating_sub(GRAPH))
        .copied()
        .collect();
    Line::label(label, LABEL)
        .join(Line::graph(tone(*last), seen))
        .plain(format!(" {last} %"))
}

fn tone(share: u8) -> Tone {
    if share >= HIGH {
        Tone::Warn
    } else {
        Tone::Accent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(load: f64, used: u64) -> Stats {
        Stats {
            online: true,
            cpus: Some(2),
            load: [Some(load), None, None],
            memory: Some(4 << 30),
            memory_used: Some(used),
            ..Stats::default()
        }
    }

    fn text(gauges: &Gauges) -> String {
        gauges
            .lines()
            .iter()
            .map(Line::words)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_graph_has_a_bound_and_ends_with_the_last_value() {
        let mut gauges = Gauges::default();
        for second in 0..1000 {
            gauges.take(Ok(stats(1.0, 1 << 30)), second);
        }
        gauges.take(Ok(stats(9.0, 3 << 30)), 1000);
        assert_eq!(
            (gauges.memory.len(), gauges.memory.back()),
            (MOST, Some(&75))
        );
        assert_eq!(gauges.processors.back(), Some(&100), "never more than all");
        assert!(text(&gauges).contains("3 GB of 4 GB"), "{}", text(&gauges));
    }

    #[test]
    fn what_is_not_told_is_not_made_up() {
        let mut gauges = Gauges::default();
        gauges.take(
            Ok(Stats {
                online: true,
                ..Stats::default()
            }),
            0,
        );
        for words in ["busy      not told", "used      not told", "none are told"] {
            assert!(text(&gauges).contains(words), "{words}: {}", text(&gauges));
        }
    }

    #[test]
    fn a_disk_fills_over_time_and_one_that_is_gone_is_forgotten() {
        let with = |place: &str, free| Stats {
            disks: vec![Disk {
                place: place.into(),
                size: 100,
                free,
            }],
            ..stats(1.0, 1 << 30)
        };
        let mut gauges = Gauges::default();
        for (second, free) in [(0, 90), (5, 50), (10, 7)] {
            gauges.take(Ok(with("/data", free)), second);
        }
        assert_eq!(gauges.disks[&Shown::line("/data")], [10, 50, 93]);
        let figures = gauges.figures().expect("told");
        assert_eq!(figures.disks, [("/data".into(), 90)]);
        assert_eq!((figures.processors, figures.memory), (Some(50), Some(25)));
        gauges.take(Ok(with("/other", 50)), 15);
        assert_eq!(gauges.disks.len(), 1);
    }

    #[test]
    fn private_silent_and_failed_say_so() {
        for (stats, words) in [
            (
                Stats {
                    public: Some(false),
                    ..Stats::default()
                },
                "keeps its statistics to itself",
            ),
            (
                Stats {
                    trouble: Some("guest agent".into()),
                    ..Stats::default()
                },
                "In the service's words: guest agent",
            ),
        ] {
            let mut gauges = Gauges::default();
            gauges.take(Ok(stats), 0);
            assert!(text(&gauges).contains(words), "{}", text(&gauges));
        }
    }
}

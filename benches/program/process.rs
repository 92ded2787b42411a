//! What the system knows of a process: how often it woke, what it computed, what it holds.

use std::fs;
use std::time::Duration;

use rustix::process::Pid;

/// All threads of a process together, since they began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// Times a thread went to sleep, and so was woken. One that had to leave its core to others is not counted.
    pub switches: u64,
    /// On a core.
    pub cpu: Duration,
}

impl Work {
    /// What it did until now.
    pub fn of(pid: Pid) -> Self {
        let mut work = Self::default();
        let tasks = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()));
        for task in tasks.into_iter().flatten().flatten() {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let switches = status
                .lines()
                .filter(|line| line.starts_with("voluntary_ctxt_switches"));
            work.switches += switches.filter_map(number).sum::<u64>();
            let scheduled = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let ran = scheduled.split(' ').next().and_then(|ran| ran.parse().ok());
            work.cpu += Duration::from_nanos(ran.unwrap_or(0));
        }
        work
    }

    /// What it did since an earlier look.
    pub fn since(self, before: Self) -> Self {
        Self {
            switches: self.switches.saturating_sub(before.switches),
            cpu: self.cpu.saturating_sub(before.cpu),
        }
    }
}

/// A figure of `/proc/PID/FILE` in KiB, as `Rss` of `smaps_rollup` and `VmHWM` of `status`.
pub fn kib(pid: Pid, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{}/{file}", pid.as_raw_nonzero())).ok()?;
    let named = |line: &&str| line.split(':').next() == Some(name);
    text.lines().find(named).and_then(number)
}

/// What all children computed that have ended and were waited for. The system tells it in hundredths of a second.
pub fn of_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program comes second, in brackets, and may hold blanks.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<u64>().ok())
    };
    let (user, system) = (ticks(14).unwrap_or(0), ticks(15).unwrap_or(0));
    Duration::from_millis((user + system) * 10)
}

fn number(line: &str) -> Option<u64> {
    line.split_whitespace().nth(1)?.parse().ok()
}

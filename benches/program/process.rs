//! What the system knows of a process: how often it woke, what it computed, what it holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use rustix::process::Pid;

/// The threads of a process, and what each did since it began. A sum would shrink where one of them ends.
#[derive(Debug, Clone, Default)]
pub struct Work(BTreeMap<OsString, Done>);

/// What was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    /// Times a thread went to sleep, and so was woken. One that had to leave its core to others is not counted.
    pub switches: u64,
    /// On a core.
    pub cpu: Duration,
}

impl Work {
    /// What they did until now.
    pub fn of(pid: Pid) -> Self {
        let tasks = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()));
        let tasks = tasks.into_iter().flatten().flatten();
        Self(
            tasks
                .map(|task| {
                    let text =
                        |file| fs::read_to_string(task.path().join(file)).unwrap_or_default();
                    let (status, scheduled) = (text("status"), text("schedstat"));
                    let mut lines = status.lines();
                    let switches = lines.find(|line| line.starts_with("voluntary_ctxt_switches"));
                    let ran = scheduled.split(' ').next().and_then(|ran| ran.parse().ok());
                    let done = Done {
                        switches: switches.and_then(number).unwrap_or(0),
                        cpu: Duration::from_nanos(ran.unwrap_or(0)),
                    };
                    (task.file_name(), done)
                })
                .collect(),
        )
    }

    /// What they did since an earlier look, all together.
    pub fn since(&self, before: &Self) -> Done {
        let mut all = Done::default();
        for (thread, now) in &self.0 {
            let then = before.0.get(thread).copied().unwrap_or_default();
            all.switches += now.switches.saturating_sub(then.switches);
            all.cpu += now.cpu.saturating_sub(then.cpu);
        }
        all
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

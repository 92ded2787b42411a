//! How news of the instance comes in: found in the app's list, streamed, and asked for wherever the stream is silent.
//!
//! The stream is only the faster way. Whether it is refused, cut or never says a word changes a note on screen, and
//! nothing else.

use super::verdict::Verdict;
use crate::api::error::Error;
use crate::api::types::{AppId, Created, CvmUuid, Instance};
use crate::wizard::event::Request;
use crate::wizard::screen::Wish;

/// Seconds between two looks at the app's list while the service has no uuid yet; the last one repeats.
const LIST_PAUSES: [u64; 4] = [2, 3, 5, 10];
/// Seconds without news after which the state is asked for.
const POLL: u64 = 3;
/// The same while a stream is open; it speaks every 5 s.
const POLL_BESIDE_STREAM: u64 = 6;
/// The same after a failure: somebody may repair it.
const POLL_AFTER_FAILURE: u64 = 10;
/// The same while it runs with an error: the guest tries to register again.
const POLL_DEGRADED: u64 = 20;
/// The same while all is well: it may end some day.
const POLL_RUNNING: u64 = 30;
/// Longest pause after looks that failed.
const LONGEST: u64 = 30;
/// Seconds after which a lost stream is tried again, by how often it was lost at once; the last one repeats.
const STREAM_AGAIN: [u64; 6] = [2, 4, 8, 16, 32, 60];
/// A stream that still speaks after so many seconds holds: it has more to say than its first word.
const HOLDS: u64 = 5;

/// The ways in which news comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    app: Option<AppId>,
    uuid: Option<CvmUuid>,
    stream: Stream,
    /// How often in a row a stream ended at once.
    mute: usize,
    /// A look is under way. Asking again would give it up, and a slow service would never be heard.
    looking: bool,
    /// When news or a look was last under way.
    last: u64,
    looks: usize,
    /// How many looks in a row failed.
    failures: u32,
    trouble: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Open { since: u64 },
    Lost { at: u64 },
}

impl Feed {
    /// Begins with the stream, or with the search for the uuid.
    pub fn start(app: Option<AppId>, uuid: Option<CvmUuid>, now: u64) -> (Self, Vec<Wish>) {
        let mut feed = Self {
            app,
            uuid,
            stream: Stream::Lost { at: now },
            mute: 0,
            looking: false,
            last: now,
            looks: 0,
            failures: 0,
            trouble: None,
        };
        let wishes = match feed.uuid {
            Some(_) => feed.open_stream(now),
            None => feed.look(now),
        };
        (feed, wishes)
    }

    /// The instance, as soon as it is known.
    pub fn uuid(&self) -> Option<&CvmUuid> {
        self.uuid.as_ref()
    }

    /// What kept the last look from an answer.
    pub fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// How often the app's list was looked at for the uuid.
    pub fn looks(&self) -> usize {
        self.looks
    }

    /// Whether a look is under way.
    pub fn is_looking(&self) -> bool {
        self.looking
    }

    /// How news comes in now, in a word.
    pub fn words(&self) -> &'static str {
        match (self.uuid.is_some(), self.stream) {
            (false, _) => "looking for its id",
            (true, Stream::Open { .. }) => "streaming",
            (true, Stream::Lost { .. }) => "polling",
        }
    }

    /// A second went by: asks what is due.
    pub fn tick(&mut self, verdict: Verdict, now: u64) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let watching = matches!(verdict, Verdict::Booting | Verdict::Stalled);
        if let Stream::Lost { at } = self.stream
            && self.uuid.is_some()
            && watching
            && now >= at + STREAM_AGAIN[self.mute.saturating_sub(1).min(STREAM_AGAIN.len() - 1)]
        {
            wishes.extend(self.open_stream(now));
        }
        let pause = match (verdict, self.stream) {
            _ if self.uuid.is_none() => {
                LIST_PAUSES[self.looks.saturating_sub(1).min(LIST_PAUSES.len() - 1)]
            }
            (Verdict::Deleted, _) => return wishes,
            (Verdict::Running, _) => POLL_RUNNING,
            (Verdict::Degraded, _) => POLL_DEGRADED,
            (Verdict::Failed | Verdict::Gone, _) => POLL_AFTER_FAILURE,
            (_, Stream::Open { .. }) => POLL_BESIDE_STREAM,
            (_, Stream::Lost { .. }) => POLL,
        };
        let pause = pause
            .saturating_mul(1 << self.failures.min(5))
            .min(pause.max(LONGEST));
        if now >= self.last + pause {
            wishes.extend(self.look(now));
        }
        wishes
    }

    /// Looks now, unless a look is under way.
    pub fn look(&mut self, now: u64) -> Vec<Wish> {
        if self.looking {
            return Vec::new();
        }
        let request = match (&self.uuid, self.app) {
            (Some(uuid), _) => Request::State(uuid.clone()),
            (None, Some(app)) => {
                self.looks += 1;
                Request::Instances(app)
            }
            (None, None) => return Vec::new(),
        };
        self.looking = true;
        self.last = now;
        vec![Wish::Ask(request)]
    }

    /// A state came by the stream.
    pub fn streamed(&mut self, now: u64) {
        self.last = now;
        self.trouble = None;
        if let Stream::Open { since } = self.stream
            && now >= since + HOLDS
        {
            self.mute = 0;
        }
    }

    /// A look came back.
    pub fn looked(&mut self, trouble: Option<Error>, now: u64) {
        self.looking = false;
        self.last = now;
        self.failures = if trouble.is_some() {
            self.failures + 1
        } else {
            0
        };
        self.trouble = trouble;
    }

    /// The stream is over, for whatever reason. The state is asked for at once.
    pub fn stream_ended(&mut self, verdict: Verdict, now: u64) -> Vec<Wish> {
        self.stream = Stream::Lost { at: now };
        self.mute += 1;
        if verdict == Verdict::Running {
            return Vec::new();
        }
        self.look(now)
    }

    /// Goes on after nobody listened.
    pub fn wake(&mut self, now: u64) -> Vec<Wish> {
        self.looking = false;
        self.stream = Stream::Lost { at: now };
        self.look(now)
    }

    /// The uuid was found.
    pub fn found(&mut self, uuid: CvmUuid, now: u64) -> Vec<Wish> {
        self.uuid = Some(uuid);
        self.open_stream(now)
    }

    fn open_stream(&mut self, now: u64) -> Vec<Wish> {
        let Some(uuid) = &self.uuid else {
            return Vec::new();
        };
        self.stream = Stream::Open { since: now };
        vec![Wish::Ask(Request::Stream(uuid.clone()))]
    }
}

/// The one instance in the list that must be the created one: new since the plan, and of its name or on its node.
///
/// Name and node together decide first, then each alone. Two that fit are none: a wrong one must not be watched.
pub fn ours<'a>(
    instances: &'a [Instance],
    before: &[CvmUuid],
    created: &Created,
) -> Option<&'a Instance> {
    let same_name = |instance: &Instance| instance.name == created.name;
    let node = |node: &Option<crate::api::types::NodeRef>| node.as_ref().and_then(|node| node.id);
    let same_node = |instance: &Instance| {
        node(&created.node).is_some() && node(&instance.node) == node(&created.node)
    };
    let only = |fits: &dyn Fn(&Instance) -> bool| {
        let is_new = |instance: &&Instance| instance.is_beside(before) && fits(instance);
        let mut new = instances.iter().filter(is_new);
        new.next().filter(|_| new.next().is_none())
    };
    only(&|instance| same_name(instance) && same_node(instance))
        .or_else(|| only(&same_name))
        .or_else(|| only(&same_node))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::{NodeId, NodeRef};

    fn uuid(number: u8) -> CvmUuid {
        CvmUuid::parse(&format!("{number:032x}")).expect("a uuid")
    }

    fn node(id: u64) -> NodeRef {
        NodeRef {
            id: Some(NodeId(id)),
            ..NodeRef::default()
        }
    }

    fn instance(number: u8, name: &str, on: u64) -> Instance {
        Instance {
            uuid: Some(uuid(number)),
            name: name.into(),
            node: Some(node(on)),
            ..Instance::default()
        }
    }

    fn created(name: &str) -> Created {
        Created {
            name: name.into(),
            node: Some(node(6)),
            ..Created::default()
        }
    }

    #[test]
    fn only_a_single_new_fitting_instance_is_ours() {
        let old = instance(1, "api", 6);
        let cases = [
            (vec![old.clone()], None),
            (vec![old.clone(), instance(2, "api", 6)], Some(2)),
            (vec![instance(2, "api", 6), instance(3, "api", 7)], Some(2)),
            (vec![instance(2, "api", 6), instance(3, "api", 6)], None),
            (vec![instance(2, "other", 6)], Some(2)),
            (vec![instance(2, "api", 9)], Some(2)),
            (vec![instance(2, "other", 9)], None),
        ];
        for (list, expected) in cases {
            let found = ours(&list, &[uuid(1)], &created("api"));
            assert_eq!(
                found.and_then(|instance| instance.uuid.clone()),
                expected.map(uuid),
                "{list:?}"
            );
        }
    }

    #[test]
    fn an_instance_without_a_uuid_is_not_found_yet() {
        let nameless = Instance {
            uuid: None,
            ..instance(2, "api", 6)
        };
        assert_eq!(ours(&[nameless], &[], &created("api")), None);
    }

    #[test]
    fn a_look_under_way_is_not_asked_again() {
        let app = AppId::parse(&"a".repeat(40)).expect("an app id");
        let (mut feed, _) = Feed::start(Some(app), Some(uuid(2)), 0);
        feed.stream_ended(Verdict::Booting, 1);
        let ask = Wish::Ask(Request::State(uuid(2)));
        assert!(!feed.tick(Verdict::Booting, 20).contains(&ask));
        feed.looked(None, 20);
        assert!(feed.tick(Verdict::Booting, 26).contains(&ask));
    }
}

//! What the contract allows, as the service and every node that is asked have it.
//!
//! One yes is not enough: whoever was asked and says no keeps the commit back, for a node may lag behind another. A
//! node that does not answer keeps nothing back; the service is asked in any case.

use crate::api::error::Error;
use crate::api::types::{AppId, ComposeHash, DeviceId, Permission, Ticket};
use crate::chain::contract::{Allowed, Reading};
use crate::chain::{Address, Call, Subject};
use crate::shown::Shown;
use crate::wizard::elsewhere::Place;
use crate::wizard::event::Request;
use crate::wizard::launch::brief::Brief;
use crate::wizard::screen::Wish;

/// Seconds between two looks, by how long it has been waited for: owners take minutes, hours or days.
const PAUSES: [(u64, u64); 3] = [(120, 5), (900, 15), (u64::MAX, 60)];

/// Seconds until the next look, after so many seconds of waiting.
pub(super) fn pause(waited: u64) -> u64 {
    let pauses = PAUSES.iter().find(|(until, _)| waited < *until);
    pauses.map_or(60, |(_, pause)| *pause)
}

/// What is known of the contract.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sight {
    /// The contract; `None` where the service did not name its address or its chain.
    pub of: Option<Subject>,
    /// What the service said last.
    pub service: Permission,
    /// What kept it from an answer.
    pub trouble: Option<Error>,
    /// Every node that is known for the chain.
    pub nodes: Vec<Node>,
    /// When the waiting began.
    pub since: u64,
    /// When it was looked last.
    pub looked: Option<u64>,
    /// How often.
    pub looks: u32,
    app: AppId,
    hash: ComposeHash,
    device: Option<DeviceId>,
}

/// A node of the chain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// How it is asked for.
    pub at: Place,
    /// Its host.
    pub host: Shown,
    /// Whether it is asked.
    pub used: bool,
    /// What it said last.
    pub reading: Option<Reading>,
    /// Whether everything is to be read, not only what it allows by now.
    pub unread: bool,
    /// When it said so.
    pub read: u64,
    /// What kept it from an answer.
    pub trouble: Option<Error>,
}

impl Sight {
    /// Begins with what the ticket says. Nodes that the person configured are asked; the others wait to be told to.
    pub fn start(brief: &Brief, ticket: &Ticket, now: u64) -> Self {
        let device = ticket.device;
        let listed = brief.allowlist.as_ref();
        let chain_id = ticket.chain_id.or(listed.and_then(|list| list.chain_id));
        let named = listed.and_then(|list| list.contract.as_ref());
        // From the second generation on, the id of an app is the address of its contract.
        let contract = match named {
            Some(named) => AppId::parse(named.as_str()),
            None => Some(brief.plan.app),
        };
        let contract = contract.map(|contract| Address::from(*contract.bytes()));
        let of = chain_id.zip(contract).map(|(chain_id, contract)| Subject {
            chain_id,
            contract,
            app: brief.plan.app,
            hash: Some(ticket.compose_hash),
            device,
        });
        let known = of.map_or(Vec::new(), |of| brief.nodes_of(of.chain_id));
        let nodes = known.into_iter().map(|(at, host)| Node {
            at,
            host,
            used: at.is_configured(),
            reading: None,
            unread: true,
            read: 0,
            trouble: None,
        });
        Self {
            of,
            service: Permission {
                hash: ticket.hash_allowed,
                device: Some(ticket.device_allowed),
                all: ticket.hash_allowed && ticket.device_allowed,
                error: None,
            },
            trouble: None,
            nodes: nodes.collect(),
            since: now,
            looked: None,
            looks: 0,
            app: brief.plan.app,
            hash: ticket.compose_hash,
            device,
        }
    }

    /// Everybody who is used is asked.
    pub fn look(&mut self, now: u64) -> Vec<Wish> {
        self.looked = Some(now);
        let service = Request::IsAllowed {
            app: self.app,
            hash: self.hash,
            device: self.device,
        };
        let mut wishes = vec![Wish::Ask(service)];
        wishes.extend(self.ask_nodes());
        wishes
    }

    /// The nodes alone.
    pub fn ask_nodes(&self) -> Vec<Wish> {
        let Some(of) = self.of else {
            return Vec::new();
        };
        let of_kind = |unread: bool| -> Vec<Place> {
            let nodes = self.used().filter(|node| node.unread == unread);
            nodes.map(|node| node.at).collect()
        };
        let (new, known) = (of_kind(true), of_kind(false));
        let mut wishes = Vec::new();
        if !new.is_empty() {
            wishes.push(Wish::Ask(Request::ReadContract { of, at: new }));
        }
        if !known.is_empty() {
            wishes.push(Wish::Ask(Request::ReadAllowed { of, at: known }));
        }
        wishes
    }

    /// Everything about the contract is to be read anew.
    pub fn forget(&mut self) {
        for node in &mut self.nodes {
            node.unread = true;
        }
    }

    /// Whether it is time for the next look.
    pub fn is_due(&self, now: u64) -> bool {
        let Some(looked) = self.looked else {
            return false;
        };
        !self.all() && now >= looked + self.pause(now)
    }

    /// Seconds between two looks by now.
    pub fn pause(&self, now: u64) -> u64 {
        pause(now.saturating_sub(self.since))
    }

    /// Takes the service's answer.
    pub fn take_service(&mut self, reply: Result<Permission, Error>, now: u64) {
        self.looked = Some(now);
        self.looks += 1;
        match reply {
            Ok(permission) => {
                self.service = permission;
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(error),
        }
    }

    /// Takes what nodes said of the whole contract.
    pub fn take_readings(&mut self, replies: Vec<(Place, Result<Reading, Error>)>, now: u64) {
        for (at, reply) in replies {
            let Some(node) = self.node(at) else { continue };
            match reply {
                Ok(reading) => {
                    node.trouble = None;
                    node.read = now;
                    node.unread = false;
                    node.reading = Some(reading);
                }
                Err(error) => node.trouble = Some(error),
            }
        }
    }

    /// Takes what nodes said of what is allowed by now.
    pub fn take_allowed(&mut self, replies: Vec<(Place, Result<Allowed, Error>)>, now: u64) {
        for (at, reply) in replies {
            let Some(node) = self.node(at) else { continue };
            match (reply, &mut node.reading) {
                (Ok(allowed), Some(reading)) => {
                    node.trouble = None;
                    node.read = now;
                    reading.allowed = allowed;
                }
                (Ok(_), None) => (),
                (Err(error), _) => node.trouble = Some(error),
            }
        }
    }

    /// Has the next node asked that is not: the public one after the person said so. Of nodes, at most two at once.
    pub fn use_next(&mut self) -> Vec<Wish> {
        let used: Vec<usize> = (0..self.nodes.len())
            .filter(|index| self.nodes[*index].used)
            .collect();
        let start = used.last().map_or(0, |last| last + 1);
        let order = (0..self.nodes.len()).map(|step| (start + step) % self.nodes.len().max(1));
        let Some(next) = order.into_iter().find(|index| !self.nodes[*index].used) else {
            return self.ask_nodes();
        };
        for index in used {
            let node = &mut self.nodes[index];
            // A node that answers stays for comparison; one that does not makes room.
            if node.trouble.is_some() || self.nodes.len() > 2 {
                self.nodes[index].used = false;
                self.nodes[index].unread = true;
                self.nodes[index].reading = None;
            }
        }
        self.nodes[next].used = true;
        self.nodes[next].trouble = None;
        self.ask_nodes()
    }

    /// The node that could be asked next, where there is one.
    pub fn next_node(&self) -> Option<&Node> {
        self.nodes.iter().find(|node| !node.used)
    }

    /// The nodes that are asked.
    pub fn used(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.used)
    }

    /// The node whose word counts for what is signed: the first that answered.
    pub fn witness(&self) -> Option<(&Node, &Reading)> {
        self.used()
            .find_map(|node| Some((node, node.reading.as_ref()?)))
    }

    /// Whether the hash is allowed, by everybody who was asked.
    pub fn hash(&self) -> bool {
        self.service.hash
            && self
                .readings()
                .all(|reading| reading.allowed.hash != Some(false))
    }

    /// Whether the machine is, by everybody who was asked; `None` where nobody says.
    pub fn machine(&self) -> Option<bool> {
        let nodes = self
            .readings()
            .filter_map(|reading| reading.allowed.machine());
        nodes
            .chain(self.service.device)
            .reduce(|one, other| one && other)
    }

    /// Whether nothing is missing, by everybody who was asked.
    pub fn all(&self) -> bool {
        self.service.all && self.readings().all(|reading| reading.allowed.all())
    }

    /// What has to be called: by the word of the chain where that was read, else of the service.
    pub fn missing(&self) -> Vec<Call> {
        let (hash, device) = (Some(self.hash), self.device);
        if let Some((_, reading)) = self.witness() {
            return reading.allowed.missing(hash, device);
        }
        let service = Allowed {
            block: 0,
            hash: Some(self.service.hash),
            device: self.service.device,
            any_device: false,
        };
        service.missing(hash, device)
    }

    /// Whether two of those who were asked say different things.
    pub fn disagrees(&self) -> bool {
        let told = |allowed: &Allowed| (allowed.hash, allowed.machine());
        let mut nodes = self.readings().map(|reading| told(&reading.allowed));
        let service = (Some(self.service.hash), self.service.device);
        // The service says nothing before its first answer but what the ticket said.
        let first = if self.looks > 0 && self.trouble.is_none() {
            Some(service)
        } else {
            nodes.next()
        };
        first.is_some_and(|first| nodes.any(|other| other.0 != first.0 || differ(other.1, first.1)))
    }

    fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.used().filter_map(|node| node.reading.as_ref())
    }

    fn node(&mut self, at: Place) -> Option<&mut Node> {
        self.nodes
            .iter_mut()
            .find(|node| node.at == at && node.used)
    }
}

/// Whether both know, and say different things.
fn differ(one: Option<bool>, other: Option<bool>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

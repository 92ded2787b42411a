//! Step 2: where it should run. Nodes that cannot take it stay visible, with the reason.

use std::borrow::Cow;
use std::fmt;

use super::app::price_words;
use super::picker::Picker;
use crate::api::types::{Instance, Node, NodeId, Resource};
use crate::shown::Shown;
use crate::wizard::answers::{Question, Stop};
use crate::wizard::facts::{AppFacts, Facts};
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::nearest;
use crate::wizard::page::{Block, Column, Line, List, Mark, Page, Row, Tone, counted, title};
use crate::wizard::screen::{Input, Reaction};
use crate::wizard::trouble;

/// The word that lets the service choose, where a node is named.
pub const AUTO: &str = "auto";

/// The answer to "where".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On this node.
    On(NodeId),
    /// Wherever the service puts it.
    Anywhere,
}

/// The list of nodes and the one that was taken.
#[derive(Debug, Default)]
pub struct NodeStep {
    picker: Picker,
    taken: Option<Place>,
    /// Nodes that are ticked, in that order: an instance on each of them.
    ticked: Vec<NodeId>,
    /// How many nodes the picker last matched; the list is the service's.
    known: usize,
}

/// Whether a node can take the instance, and at what price in transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It can, at once.
    Good,
    /// It can, once the app's contract allows its device: one more transaction.
    NewDevice,
    /// It cannot, for this reason.
    No(Unfit),
}

/// Why a node cannot take the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// Every slot is taken.
    Slots,
    /// Too few processors are left.
    Vcpu,
    /// Too little memory is left.
    Memory,
    /// The OS image of the app is not there.
    Image(Shown),
    /// It does not work with a KMS on chain.
    OnChain,
}

impl Unfit {
    /// The reason in a narrow column.
    fn short(&self) -> &'static str {
        match self {
            Self::Slots => "no free slot",
            Self::Vcpu => "too few vCPU",
            Self::Memory => "too little memory",
            Self::Image(_) => "lacks the image",
            Self::OnChain => "no on-chain keys",
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slots => f.write_str("no free slot (would answer ERR-02-005)"),
            Self::Vcpu => f.write_str("not enough vCPU left (would answer ERR-02-003)"),
            Self::Memory => f.write_str("not enough memory left (would answer ERR-02-004)"),
            Self::Image(image) => write!(f, "lacks the OS image {image} (would answer ERR-03-006)"),
            Self::OnChain => {
                f.write_str("does not work with keys on chain (would answer ERR-02-011)")
            }
        }
    }
}

/// Whether this is the name of the node, or its number.
pub fn is_called(node: &Node, name: &str) -> bool {
    node.name == Shown::line(name) || node.id.to_string() == name
}

impl NodeStep {
    /// Where it should run, once that was answered.
    pub fn taken(&self) -> Option<Place> {
        self.taken
    }

    /// The nodes that were taken, as the service described them, in the order they are prepared: machines that a contract
    /// has to allow come last, so that all of them are known when the first one is registered.
    pub fn to_prepare(&self, facts: &Facts) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.nodes(facts).into_iter().cloned().collect();
        nodes.sort_by_key(|node| fit(node, facts.app.as_ref()) == Fit::NewDevice);
        nodes
    }

    /// The nodes that were taken, as the service described them, in the order they were chosen.
    pub fn nodes<'a>(&self, facts: &'a Facts) -> Vec<&'a Node> {
        if self.ticked.is_empty() || !matches!(self.taken, Some(Place::On(_))) {
            return self.node(facts).into_iter().collect();
        }
        let known = facts.nodes.get().map_or(&[][..], |list| &list.nodes);
        let by_id = |id: &NodeId| known.iter().find(|node| node.id == *id);
        self.ticked.iter().filter_map(by_id).collect()
    }

    /// How many instances are wanted.
    pub fn count(&self, facts: &Facts) -> usize {
        self.nodes(facts).len().max(1)
    }

    /// The node that was taken, as the service described it; the first one of several.
    pub fn node<'a>(&self, facts: &'a Facts) -> Option<&'a Node> {
        match self.taken? {
            Place::On(id) => facts.nodes.get()?.nodes.iter().find(|node| node.id == id),
            Place::Anywhere => None,
        }
    }

    /// What names this node and no other: its number where another one has its name, or its name means something else.
    pub fn name_of(&self, node: &Node, facts: &Facts) -> String {
        let nodes = facts.nodes.get().map_or(&[][..], |list| &list.nodes);
        let name = node.name.as_str();
        let alone = nodes.iter().filter(|other| is_called(other, name)).count() == 1;
        if alone && name != AUTO && !name.trim().is_empty() {
            name.to_owned()
        } else {
            node.id.to_string()
        }
    }

    /// What is to remark about the node that was taken, for the review.
    pub fn remark(&self, facts: &Facts) -> Option<Line> {
        let nodes = self.nodes(facts);
        let unnamed = nodes.iter().find(|node| node.device.is_none())?;
        Some(Line::new().mark(Mark::Warn).plain(format!(
            "node {} names no machine, so the one it answers with cannot be compared",
            unnamed.name
        )))
    }

    /// These have their instance by now: of several nodes they are wanted no more.
    pub fn leave_out(&mut self, made: &[NodeId]) {
        self.ticked.retain(|id| !made.contains(id));
        if let Some(first) = self.ticked.first() {
            self.taken = Some(Place::On(*first));
        }
    }

    /// Takes the nodes of these names or numbers, or lets the service choose where there are none.
    pub fn give(&mut self, names: &[String], facts: &Facts) -> Result<(), Stop> {
        self.ticked.clear();
        if names.is_empty() {
            self.taken = Some(Place::Anywhere);
            return Ok(());
        }
        if names.len() > 1 && facts.is_new_app() {
            let why = "a new app begins with one instance: name one node";
            return Err(Stop::unusable(Question::Node, why));
        }
        let mut ticked = Vec::new();
        for name in names {
            let id = self.named(name, facts)?;
            if ticked.contains(&id) {
                let why = format!("node {} is named twice", Shown::line(name));
                return Err(Stop::unusable(Question::Node, why));
            }
            ticked.push(id);
        }
        self.taken = ticked.first().copied().map(Place::On);
        if ticked.len() > 1 {
            self.ticked = ticked;
        }
        Ok(())
    }

    /// The node of this name or number, if it can take the instance. The cursor is put there.
    fn named(&mut self, name: &str, facts: &Facts) -> Result<NodeId, Stop> {
        if let Some(error) = facts.nodes.error() {
            return Err(Stop::trouble(Question::Node, error));
        }
        let nodes = facts.nodes.get().map_or(&[][..], |list| &list.nodes);
        let about = facts.app.as_ref();
        let usable = || {
            let fits = |node: &&Node| !matches!(fit(node, about), Fit::No(_));
            nodes.iter().filter(fits).map(|node| node.name.to_string())
        };
        let stop = |why: String| Stop::unusable(Question::Node, why).with(usable());
        let text = Shown::line(name);
        let mut found = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| is_called(node, name));
        let Some((index, node)) = found.next() else {
            let near = nearest::hint(name, nodes.iter().map(|node| &node.name));
            return Err(stop(format!("there is no node {text}{near}")));
        };
        if found.next().is_some() {
            return Err(stop(format!(
                "several nodes are called {text}: give the number"
            )));
        }
        // Whoever comes to the list finds the cursor there, and the reason where there is one.
        self.picker.select(index);
        if let Fit::No(reason) = fit(node, about) {
            return Err(stop(format!("{} cannot take it: {reason}", node.name)));
        }
        Ok(node.id)
    }

    /// Why the form cannot go on from here.
    pub fn problem(&self, facts: &Facts) -> Option<String> {
        match self.taken {
            None => Some("choose a node, or let the service choose".into()),
            Some(Place::Anywhere) => None,
            // A list that could not be read again is no reason to lose the answer.
            Some(Place::On(_)) => {
                self.nodes(facts)
                    .into_iter()
                    .find_map(|node| match fit(node, facts.app.as_ref()) {
                        Fit::No(reason) => Some(format!("{} cannot take it: {reason}", node.name)),
                        Fit::Good | Fit::NewDevice => None,
                    })
            }
        }
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts) -> Offer {
        if facts.nodes.error().is_some() {
            return Offer::default()
                .with(Command::Refresh, "try again")
                .with(Command::Auto, "go on, the service chooses")
                .with(Command::Back, "back");
        }
        let offer = self.picker.offer();
        let selected = self.highlighted(facts);
        if self.picker.is_filtering() {
            return offer
                .with_if(selected.is_some(), Command::Next, "take")
                .with(Command::Back, "clear the filter");
        }
        let offer = match selected.map(|node| fit(node, facts.app.as_ref())) {
            _ if !self.ticked.is_empty() => offer.with(Command::Next, "take the ticked"),
            Some(Fit::No(reason)) => offer.blocked(Command::Next, "take", reason.to_string()),
            Some(_) => offer.with(Command::Next, "take"),
            None => offer,
        };
        let ticks = selected.is_some() && !facts.is_new_app();
        offer
            .with_if(ticks, Command::Toggle, "tick")
            .with(Command::Auto, "service chooses")
            .with_if(self.known > 0, Command::Filter, "filter")
            .with_if(
                selected.is_some_and(|node| node.device.is_some()),
                Command::Copy,
                "copy device id",
            )
            .with_if(!facts.nodes.is_pending(), Command::Refresh, "ask again")
            .with(Command::Back, "back")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, facts: &mut Facts) -> Reaction {
        match input {
            Input::Command(Command::Next) => {
                self.picker.close_filter(true);
                if let Some(first) = self.ticked.first().copied() {
                    self.taken = Some(Place::On(first));
                    return Reaction::next();
                }
                let Some(node) = self.highlighted(facts) else {
                    return Reaction::none();
                };
                if let Fit::No(reason) = fit(node, facts.app.as_ref()) {
                    return Reaction::say(reason.to_string());
                }
                self.taken = Some(Place::On(node.id));
                self.ticked.clear();
                return Reaction::next();
            }
            Input::Command(Command::Toggle) => return self.tick(facts),
            Input::Command(Command::Auto) => {
                self.ticked.clear();
                self.taken = Some(Place::Anywhere);
                return Reaction::next();
            }
            Input::Command(Command::Back)
                if self.picker.is_filtering() && facts.nodes.error().is_none() =>
            {
                self.picker.close_filter(false);
            }
            Input::Command(Command::Back) => return Reaction::back(),
            Input::Command(Command::Refresh) => facts.refresh(),
            Input::Command(Command::Copy) => {
                let device = self.highlighted(facts).and_then(|node| node.device);
                return device.map_or_else(Reaction::none, |id| {
                    Reaction::copy("device id", format!("0x{id}"))
                });
            }
            Input::Command(command) => {
                self.picker.command(command);
                return Reaction::none();
            }
            Input::Key(key) => {
                self.picker.key(key);
            }
            Input::Paste(text) => self.picker.paste(text.expose()),
            Input::Answer(_) | Input::Tick => return Reaction::none(),
        }
        Reaction::none()
    }

    /// Ticks the node under the cursor, or takes its tick away.
    fn tick(&mut self, facts: &Facts) -> Reaction {
        let Some(node) = self.highlighted(facts) else {
            return Reaction::none();
        };
        if let Some(place) = self.ticked.iter().position(|id| *id == node.id) {
            self.ticked.remove(place);
            return Reaction::none();
        }
        if let Fit::No(reason) = fit(node, facts.app.as_ref()) {
            return Reaction::say(reason.to_string());
        }
        self.ticked.push(node.id);
        Reaction::none()
    }

    /// Matches anew after the list of nodes changed.
    pub fn settle(&mut self, facts: &Facts) {
        let nodes = facts.nodes.get().map_or(&[][..], |list| &list.nodes);
        self.picker.refresh(nodes.iter().map(|node| {
            let region = node.region.as_ref().map_or("", crate::shown::Shown::as_str);
            Cow::Owned(format!("{} {region} {}", node.name, node.id))
        }));
        if self.known == 0
            && let Some(best) = nodes
                .iter()
                .position(|node| fit(node, facts.app.as_ref()) == Fit::Good)
        {
            self.picker.select(best);
        }
        self.known = nodes.len();
    }

    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts) -> Page<'a> {
        if let Some(error) = facts.nodes.error() {
            let mut lines = trouble::card(error);
            lines.push(
                Line::new()
                    .mark(Mark::Dot)
                    .plain("You can go on without the list: the service chooses the node (a)."),
            );
            return Page {
                main: vec![Block::Text(lines)],
                ..Page::default()
            };
        }
        let about = facts.app.as_ref();
        let nodes = facts.nodes.get().map_or(&[][..], |list| &list.nodes);
        let usable = nodes
            .iter()
            .filter(|node| !matches!(fit(node, about), Fit::No(_)))
            .count();
        let mut heading = title("Where should it run?");
        if !nodes.is_empty() {
            heading = heading.dim(format!("   {usable} of {} can take it", nodes.len()));
        }
        let mut lines = vec![heading];
        lines.extend(needed(about).map(|size| Line::new().dim("needs ").plain(size_words(size))));
        let mut main = vec![Block::Text(lines)];
        if self.picker.is_filtering() || !self.picker.filter().is_empty() {
            main.push(Block::Field {
                label: "filter",
                field: self.picker.filter(),
            });
        }
        main.push(Block::List(self.list(nodes, about, facts)));
        main.push(Block::Text(vec![
            Line::new()
                .warn("new")
                .dim(" = the contract does not know the machine yet: one more transaction"),
            Line::new()
                .mark(Mark::Here)
                .dim("  = the app runs there already"),
        ]));
        let side = self.highlighted(facts).map_or_else(Vec::new, |node| {
            details(node, facts, self.ticked.len().max(1))
        });
        let note = if self.ticked.len() > 1 {
            Line::new()
                .strong(counted(self.ticked.len(), "instance"))
                .plain(": one on each ticked node, all under one confirmation.")
        } else if nodes.is_empty() || usable > 0 {
            Line::new().dim("Nodes that cannot take it stay in the list, with the reason.")
        } else {
            Line::new()
                .warn("No node can take this instance right now.")
                .plain("  r looks again; nothing was sent.")
        };
        Page { main, side, note }
    }

    fn list<'a>(
        &'a self,
        nodes: &'a [Node],
        about: Option<&'a AppFacts>,
        facts: &Facts,
    ) -> List<'a> {
        const COLUMNS: &[Column] = &[
            Column::grow("Node", 8),
            Column::new("Region", 10, 4),
            Column::number("Slots", 5, 1),
            Column::number("vCPU", 5, 6),
            Column::number("Memory", 7, 5),
            Column::new("Device", 7, 3),
            Column::new("", 17, 2),
        ];
        List {
            columns: COLUMNS,
            len: self.picker.matches().len(),
            selected: self.picker.cursor(),
            row: Box::new(move |place| {
                self.picker
                    .matches()
                    .get(place)
                    .map_or_else(Row::default, |index| {
                        let node = &nodes[*index];
                        row(node, about, self.ticked.contains(&node.id))
                    })
            }),
            empty: vec![Line::from(if facts.nodes.is_pending() {
                "Asking which nodes there are."
            } else if nodes.is_empty() {
                "The service offers no node to this workspace."
            } else {
                "No node matches the filter."
            })],
        }
    }

    fn highlighted<'a>(&self, facts: &'a Facts) -> Option<&'a Node> {
        facts.nodes.get()?.nodes.get(self.picker.selected()?)
    }
}

/// Whether this node can take one more instance of this app.
pub fn fit(node: &Node, about: Option<&AppFacts>) -> Fit {
    let size = needed(about);
    if node.slots == Some(0) {
        return Fit::No(Unfit::Slots);
    }
    let short = |left: Option<f64>, need: Option<f64>| matches!((left, need), (Some(left), Some(need)) if left < need);
    if short(node.vcpu, size.and_then(|size| size.vcpu)) {
        return Fit::No(Unfit::Vcpu);
    }
    if short(
        node.memory_mb,
        size.and_then(|size| size.memory_gb).map(|gb| gb * 1024.0),
    ) {
        return Fit::No(Unfit::Memory);
    }
    let Some(about) = about else { return Fit::Good };
    if let Some(image) = about
        .template()
        .and_then(|template| template.image.as_ref())
        && !node.images.is_empty()
        && !node.images.contains(image)
    {
        return Fit::No(Unfit::Image(image.clone()));
    }
    if !about.is_on_chain() {
        return Fit::Good;
    }
    if node.on_chain == Some(false) {
        return Fit::No(Unfit::OnChain);
    }
    let allowed = node
        .device
        .and_then(|device| about.allowlist.get().map(|list| list.allows(&device)));
    match allowed {
        Some(Some(false) | None) => Fit::NewDevice,
        Some(Some(true)) | None => Fit::Good,
    }
}

/// The size of the new instance.
pub fn needed(about: Option<&AppFacts>) -> Option<&Resource> {
    about?.size()
}

/// A size in words.
pub fn size_words(size: &Resource) -> String {
    let mut words = Vec::new();
    words.extend(size.kind.as_ref().map(ToString::to_string));
    words.extend(size.vcpu.map(|vcpu| format!("{vcpu} vCPU")));
    words.extend(size.memory_gb.map(|gb| format!("{gb} GB")));
    words.extend(size.disk_gb.map(|gb| format!("{gb} GB disk")));
    words.join(", ")
}

fn row(node: &Node, about: Option<&AppFacts>, is_ticked: bool) -> Row {
    let fit = fit(node, about);
    let number = |value: Option<f64>| value.map_or("?".to_owned(), |value| format!("{value:.0}"));
    let name = if is_ticked {
        Line::new().mark(Mark::Chosen).strong(node.name.as_str())
    } else {
        Line::from(node.name.as_str())
    };
    let name = match runs_here(node, about) {
        Some(_) => name.plain(" ").mark(Mark::Here),
        None => name,
    };
    let device = match &fit {
        Fit::Good if about.is_some_and(AppFacts::is_on_chain) => Line::new().good("allowed"),
        Fit::Good => Line::new().dim("-"),
        Fit::NewDevice => Line::new().warn("new"),
        Fit::No(_) => Line::new(),
    };
    let reason = match &fit {
        Fit::No(reason) => Line::new().warn(reason.short()),
        _ => Line::new(),
    };
    Row {
        cells: vec![
            name,
            Line::from(
                node.region
                    .as_ref()
                    .map_or("-", crate::shown::Shown::as_str),
            ),
            Line::from(node.slots.map_or("?".to_owned(), |slots| slots.to_string())),
            Line::from(number(node.vcpu)),
            Line::from(
                node.memory_mb
                    .map_or("?".to_owned(), |mb| format!("{:.0} GB", mb / 1024.0)),
            ),
            device,
            reason,
        ],
        usable: !matches!(fit, Fit::No(_)),
    }
}

fn runs_here<'a>(node: &Node, about: Option<&'a AppFacts>) -> Option<&'a Instance> {
    about?.instances().iter().find(|instance| {
        instance
            .node
            .as_ref()
            .is_some_and(|on| on.id == Some(node.id))
    })
}

fn details(node: &Node, facts: &Facts, instances: usize) -> Vec<Line> {
    let about = facts.app.as_ref();
    let region = node.region.as_ref().map_or("", crate::shown::Shown::as_str);
    let mut lines = vec![
        Line::new()
            .strong(node.name.as_str())
            .dim(format!("   {region}   node {}", node.id)),
    ];
    if let Some(device) = node.device {
        lines.push(Line::new().dim("device  ").plain(device.short()));
    }
    lines.push(match fit(node, about) {
        Fit::Good => Line::new().mark(Mark::Ok).good("can take it"),
        Fit::NewDevice => Line::new()
            .mark(Mark::Warn)
            .warn("can take it after one more transaction"),
        Fit::No(reason) => Line::new().mark(Mark::Bad).bad(reason.to_string()),
    });
    if let Some(instance) = runs_here(node, about) {
        lines.push(
            Line::new()
                .mark(Mark::Dot)
                .plain(format!("{} of this app runs here already", instance.name)),
        );
    }
    lines.extend(quota_lines(facts, instances));
    lines.extend(cost_lines(facts, instances));
    lines
}

/// What is left of the workspace's limits, and what this instance takes of it.
pub fn quota_lines(facts: &Facts, instances: usize) -> Vec<Line> {
    let mut lines = vec![Line::new(), title("Left in the workspace")];
    if let Some(error) = facts.quotas.error() {
        lines.push(trouble::brief(error));
        return lines;
    }
    let Some(quotas) = facts.quotas.get() else {
        lines.push(Line::new().dim("unknown"));
        return lines;
    };
    let size = needed(facts.app.as_ref());
    #[expect(
        clippy::cast_precision_loss,
        reason = "as many instances as there are nodes"
    )]
    let times = instances as f64;
    for quota in &quotas.limits {
        let (label, need) = match quota.name.as_str() {
            "vm_slots" => ("instances", Some(1.0)),
            "vcpu" => ("vCPU", size.and_then(|size| size.vcpu)),
            "memory_mb" => (
                "memory MB",
                size.and_then(|size| size.memory_gb).map(|gb| gb * 1024.0),
            ),
            "disk_gb" => ("disk GB", size.and_then(|size| size.disk_gb)),
            other => (other, None),
        };
        let need = need.map(|need| need * times);
        let tone = if need.is_some_and(|need| need > quota.remaining) {
            Tone::Bad
        } else {
            Tone::Plain
        };
        let line = Line::label(label, 11)
            .tone(tone, format!("{:.0}", quota.remaining))
            .dim(format!(" of {:.0}", quota.limit));
        lines.push(match need {
            Some(need) => line.dim(format!("   takes {need}")),
            None => line,
        });
    }
    lines
}

/// What the instance costs, as the service says it, and how long the credit lasts.
pub fn cost_lines(facts: &Facts, instances: usize) -> Vec<Line> {
    let mut lines = vec![Line::new(), title("Cost")];
    let size = needed(facts.app.as_ref());
    match size.and_then(price_words) {
        Some(price) => lines.push(Line::label("running", 11).plain(price).dim(
            if facts.is_new_app() {
                ""
            } else {
                "  as the others"
            },
        )),
        None => lines.push(Line::new().dim("the service does not say")),
    }
    let hourly: Option<f64> = size
        .filter(|size| {
            size.period
                .as_ref()
                .is_none_or(|period| period.as_str() == "hourly")
        })
        .and_then(|size| size.price.as_ref()?.as_str().parse().ok());
    #[expect(
        clippy::cast_precision_loss,
        reason = "as many instances as there are nodes"
    )]
    let hourly = hourly.map(|hourly| hourly * instances as f64);
    if let Some(hourly) = hourly {
        if instances > 1 {
            let together = format!("${}/hour", dollars(hourly));
            lines.push(
                Line::label("together", 11)
                    .strong(together)
                    .dim(format!("  for {instances}")),
            );
        }
        lines.push(Line::label("", 11).dim(format!("about ${:.0}/month", hourly * 730.0)));
    }
    let Some(session) = &facts.session else {
        return lines;
    };
    if session.identity.post_paid {
        lines.push(Line::label("credit", 11).plain("paid afterwards"));
    } else if let Some(balance) = &session.identity.balance {
        let credit = Line::label("credit", 11).plain(format!("${balance}"));
        let alone = if instances > 1 {
            "these alone"
        } else {
            "this one alone"
        };
        let days = hourly
            .zip(balance.as_str().parse::<f64>().ok())
            .map(|(hourly, credit)| credit / hourly / 24.0);
        lines.push(match days {
            Some(days) if days < 7.0 => credit.warn(format!("   lasts {days:.1} days for {alone}")),
            Some(days) => credit.dim(format!("   lasts {days:.0} days for {alone}")),
            None => credit,
        });
    }
    lines
}

/// An amount with as many digits as it needs: three behind the point, for prices are small.
pub fn dollars(amount: f64) -> String {
    let text = format!("{amount:.4}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    short.to_owned()
}

//! Step 1: which app gets the instance, and on which of its live revisions it is modelled; or a new app.

use std::borrow::Cow;

mod empty;
pub mod new;
mod revisions;
mod wanted;

pub use wanted::Pick;

use super::picker::Picker;
use crate::api::error::Error;
use crate::api::types::{App, AppId, AppPage, CvmUuid, KmsKind};
use crate::recipe::project::FILE;
use crate::wizard::answers::{Question, Stop};
use crate::wizard::event::{Answer, Request};
use crate::wizard::facts::Facts;
use crate::wizard::guide::Term;
use crate::wizard::keymap::{Command, Offer};
use crate::wizard::menu::Menu;
use crate::wizard::page::{Block, Column, Line, List, Page, Row, title};
use crate::wizard::screen::{Input, Reaction};
use crate::wizard::trouble;
use crate::zone::Zone;
use new::{Named, NewApp};
use revisions::Revisions;
use wanted::Wanted;

/// Within this many rows of the end of what is loaded, the next page is asked for.
const AHEAD: usize = 20;

/// The answer to "which app", and the list it is chosen from.
#[derive(Debug, Default)]
pub struct AppStep {
    apps: Vec<App>,
    /// Pages loaded, pages there are.
    pages: Option<(u32, u32)>,
    total: u32,
    error: Option<Error>,
    picker: Picker,
    taken: Option<AppId>,
    /// Enter was pressed, and the app's instances are not known yet.
    taking: bool,
    /// The choice among several live revisions, while it is open.
    revisions: Option<Revisions>,
    /// An id that was pasted and is asked for.
    looking_for: Option<AppId>,
    /// The app that was named beforehand, until it is taken.
    wanted: Option<Wanted>,
    /// It is only named, for a token that is there already: nothing of it is taken over.
    is_named_only: bool,
    /// Why that one could not be taken.
    stop: Option<Stop>,
    /// The app that the project's own file names: it is shown where it is, and a person takes it.
    pointed: Option<AppId>,
    /// The choice where there is no app at all.
    empty: Menu,
    /// A new app instead of one of the list.
    new: Box<NewApp>,
    /// Whether the questions about a new app are on screen.
    founds: bool,
}

impl AppStep {
    /// A step where a new app would be called like this.
    pub fn new(suggestion: String) -> Self {
        Self {
            new: Box::new(NewApp::new(suggestion)),
            ..Self::default()
        }
    }

    /// It is another service, or another one's key: what the service before promised is forgotten.
    pub fn forget_new(&mut self, facts: &mut Facts) {
        if self.is_new() {
            self.taken = None;
            facts.app = None;
        }
        self.new.forget(facts);
    }

    /// The first questions of the form.
    pub fn start(&mut self) -> Vec<Request> {
        let Some(id) = self.wanted_id() else {
            return vec![first_page()];
        };
        self.looking_for = Some(id);
        if self.has_company() {
            // Whoever comes back to this step finds all the others too.
            vec![first_page(), Request::App(id)]
        } else {
            vec![Request::App(id)]
        }
    }

    /// The app that was taken.
    pub fn taken(&self) -> Option<AppId> {
        self.taken
    }

    /// Why the form cannot go on from here.
    pub fn problem(&self, facts: &Facts) -> Option<String> {
        let Some(id) = self.taken else {
            return Some("choose an app".into());
        };
        let Some(about) = facts.about(id) else {
            return Some("choose an app".into());
        };
        if about.new.is_some() {
            return self.new.problem(facts);
        }
        if self.is_named_only {
            return None;
        }
        if about.instances.get().is_some_and(Vec::is_empty) {
            return Some("the app has no instance that the new one could be modelled on".into());
        }
        if about.revision.is_none() && about.revisions().len() > 1 {
            return Some("the app has several live revisions: choose one".into());
        }
        None
    }

    /// What can be done here now.
    pub fn offer(&self, facts: &Facts) -> Offer {
        if self.founds {
            return self.new.offer(facts, self.is_taken());
        }
        if self.is_empty() {
            return empty::offer(facts);
        }
        if let Some(revisions) = &self.revisions {
            let count = revisions.count();
            return Menu::offer(Offer::default(), count).with(Command::Back, "back to the apps");
        }
        if self.error.is_some() && self.apps.is_empty() {
            return Offer::default().with(Command::Refresh, "try again");
        }
        let offer = self.picker.offer();
        let has_row = self.picker.selected().is_some() || self.pasted().is_some();
        if self.picker.is_filtering() {
            return offer
                .with_if(has_row, Command::Next, "take")
                .with(Command::Back, "clear the filter");
        }
        let waiting = self
            .taking
            .then(|| "one moment: reading which revisions it runs".to_owned());
        let blocked = waiting.or_else(|| self.highlighted().and_then(without_template));
        let offer = match blocked {
            Some(reason) => offer.blocked(Command::Next, "take", reason),
            None => offer.with_if(has_row, Command::Next, "take"),
        };
        offer
            .with_if(!self.apps.is_empty(), Command::Filter, "filter")
            .with_if(self.pages.is_some(), Command::Add, "new app")
            .with_if(self.highlighted().is_some(), Command::Copy, "copy id")
            .with_if(self.pages.is_some(), Command::Refresh, "ask again")
    }

    /// Takes an input.
    pub fn update(&mut self, input: Input, facts: &mut Facts) -> Reaction {
        match input {
            Input::Answer(answer) => self.answer(answer, facts),
            input if self.founds => self.founding(input, facts),
            Input::Command(command) if self.is_empty() => self.start_somewhere(command, facts),
            Input::Key(key) if self.picker.key(key) => self.filter_changed(),
            Input::Paste(text) => {
                self.picker.paste(text.expose());
                self.filter_changed()
            }
            Input::Command(command) if self.revisions.is_some() => {
                self.choose_revision(command, facts)
            }
            Input::Command(command) => self.command(command, facts),
            Input::Tick => {
                // Looked at for a moment: now its details are worth asking for.
                if let Some(app) = self.highlighted()
                    && self.wanted.is_none()
                {
                    facts.look_at(app);
                }
                Reaction::none()
            }
            Input::Key(_) => Reaction::none(),
        }
    }

    /// Goes on with a take that waited for the app's instances.
    pub fn settle(&mut self, facts: &mut Facts) -> Reaction {
        let was_new = self.is_new();
        self.new.settle(facts);
        if was_new {
            self.taken = self.new.made().map(|made| made.app.id);
        }
        if self.founds && self.wanted.is_some() {
            self.found_wanted(facts)
        } else if self.taking {
            self.take(facts)
        } else {
            self.look_again(facts)
        }
    }

    /// Looks at the app that was taken again, after others were looked at.
    pub fn restore(&mut self, facts: &mut Facts) {
        self.revisions = None;
        if let Some(made) = self.new.made().filter(|_| self.is_new()) {
            facts.app = Some(made.clone());
            return;
        }
        if let Some(app) = self.apps.iter().find(|app| Some(app.id) == self.taken) {
            facts.look_at(app);
        }
    }

    /// Whether something will happen by itself in a second.
    pub fn moves(&self, facts: &Facts) -> bool {
        self.revisions.is_none()
            && !self.founds
            && self
                .highlighted()
                .is_some_and(|app| facts.about(app.id).is_none())
    }

    /// Its terms.
    pub fn terms(&self) -> &'static [Term] {
        if self.founds {
            self.new.terms()
        } else {
            &[Term::Cvm]
        }
    }

    /// The page.
    pub fn page<'a>(&'a self, facts: &'a Facts, zone: &'a Zone) -> Page<'a> {
        if self.founds {
            return self.new.page(facts);
        }
        if self.is_empty() {
            return empty::page(self.empty, facts);
        }
        if let Some(revisions) = &self.revisions {
            return revisions.page(facts);
        }
        if let (Some(error), true) = (&self.error, self.apps.is_empty()) {
            return Page {
                main: vec![Block::Text(trouble::card(error))],
                ..Page::default()
            };
        }
        let mut main = vec![Block::Text(vec![self.heading()])];
        if self.picker.is_filtering() || !self.picker.filter().is_empty() {
            main.push(Block::Field {
                label: "filter",
                field: self.picker.filter(),
            });
        }
        main.push(Block::List(self.list(zone)));
        let side = self
            .highlighted()
            .map_or_else(Vec::new, |app| details(app, facts, zone));
        Page {
            main,
            side,
            note: self.note(),
        }
    }

    /// Whether the app that was taken is a new one.
    fn is_new(&self) -> bool {
        let made = self.new.made().map(|made| made.app.id);
        made.is_some() && made == self.taken
    }

    /// Whether the workspace is known to have no app.
    fn is_empty(&self) -> bool {
        self.pages.is_some()
            && self.apps.is_empty()
            && self.error.is_none()
            && self.wanted.is_none()
            && self.picker.filter().is_empty()
    }

    /// Whether an app of the list has a name.
    fn is_taken(&self) -> impl Fn(&str) -> bool {
        |name| self.apps.iter().any(|app| app.name.as_str() == name)
    }

    /// On to the questions about a new app.
    fn found_new(&mut self, facts: &mut Facts) -> Reaction {
        self.taking = false;
        self.founds = true;
        self.new.open(facts);
        Reaction::none()
    }

    /// Takes an input for those questions.
    fn founding(&mut self, input: Input, facts: &mut Facts) -> Reaction {
        let apps = &self.apps;
        let taken = |name: &str| apps.iter().any(|app| app.name.as_str() == name);
        match self.new.update(input, facts, taken) {
            Named::Stay(reaction) => reaction,
            Named::Leave => {
                self.founds = false;
                Reaction::none()
            }
            Named::Done => {
                self.taken = self.new.made().map(|made| made.app.id);
                self.is_named_only = false;
                Reaction::next()
            }
        }
    }

    fn command(&mut self, command: Command, facts: &mut Facts) -> Reaction {
        match command {
            Command::Next => self.take(facts),
            Command::Add => self.found_new(facts),
            Command::Back if self.picker.is_filtering() => {
                self.picker.close_filter(false);
                self.filter_changed()
            }
            Command::Refresh => {
                self.error = None;
                facts.refresh();
                Reaction::ask(first_page())
            }
            Command::Copy => self.highlighted().map_or_else(Reaction::none, |app| {
                Reaction::copy("app id", app.id.to_string())
            }),
            command => {
                self.taking = false;
                self.picker.command(command);
                self.next_page()
            }
        }
    }

    fn take(&mut self, facts: &mut Facts) -> Reaction {
        self.picker.close_filter(true);
        self.taking = false;
        let Some(app) = self.highlighted() else {
            return match self.pasted() {
                Some(id) => {
                    self.looking_for = Some(id);
                    Reaction::ask(Request::App(id))
                }
                None => Reaction::none(),
            };
        };
        let id = app.id;
        if let Some(reason) = without_template(app) {
            return match self.wanted {
                Some(_) => self.stop_at(Stop::unusable(Question::App, reason)),
                None => Reaction::say(reason),
            };
        }
        facts.look_at(app);
        self.taken = Some(id);
        let Some(about) = facts.about(id) else {
            return Reaction::none();
        };
        if about.instances.is_pending() {
            self.taking = true;
            return Reaction::none();
        }
        if self.wanted.is_some() {
            return self.take_wanted(facts);
        }
        if about.revision.is_none() && about.revisions().len() > 1 {
            self.revisions = Some(Revisions::of(facts));
            return Reaction::none();
        }
        match self.problem(facts) {
            Some(problem) => Reaction::say(problem),
            None => Reaction::next(),
        }
    }

    fn choose_revision(&mut self, command: Command, facts: &mut Facts) -> Reaction {
        if command == Command::Back {
            self.revisions = None;
            return Reaction::none();
        }
        let Some(revisions) = &mut self.revisions else {
            return Reaction::none();
        };
        let Some(hash) = revisions.choose(command) else {
            return Reaction::none();
        };
        self.revisions = None;
        if let Some(about) = &mut facts.app {
            about.choose_revision(Some(hash));
        }
        Reaction::next()
    }

    /// Instances came while their revisions were to choose from: what stood there may be no choice any more.
    fn look_again(&mut self, facts: &Facts) -> Reaction {
        let now = Revisions::of(facts);
        if self.revisions.as_ref().is_none_or(|shown| shown.are(&now)) {
            return Reaction::none();
        }
        self.revisions = (now.count() > 1).then_some(now);
        Reaction::say("the app's instances have changed: look again")
    }

    fn answer(&mut self, answer: Answer, facts: &mut Facts) -> Reaction {
        match answer {
            Answer::Apps(Ok(page)) => {
                self.add(page);
                if self.wanted.is_some() && self.looking_for.is_none() {
                    return self.seek(facts);
                }
                if self.looking_at_nothing(facts)
                    && let Some(app) = self.highlighted()
                {
                    facts.look_at(app);
                }
                self.next_page()
            }
            Answer::Apps(Err(error)) => {
                if self.wanted.is_some() {
                    self.stop = Some(Stop::trouble(Question::App, &error));
                }
                self.error = Some(error);
                Reaction::none()
            }
            Answer::App(Ok(app)) if self.looking_for == Some(app.id) => {
                self.looking_for = None;
                self.picker.close_filter(false);
                let index = self
                    .apps
                    .iter()
                    .position(|known| known.id == app.id)
                    .unwrap_or_else(|| {
                        self.apps.push(app);
                        self.apps.len() - 1
                    });
                self.rematch();
                self.found(index, facts)
            }
            Answer::App(Err(error)) => {
                self.looking_for = None;
                match error.status() {
                    _ if self.wanted.is_some() => self.not_there(&error),
                    Some(404) => {
                        Reaction::say("no app with this id in the workspace, or no access to it")
                    }
                    _ => Reaction::say(error.to_string()),
                }
            }
            Answer::App(Ok(_)) if self.wanted.is_some() => self.stop_at(Stop::unusable(
                Question::App,
                "the service answered about another app",
            )),
            // An answer for an id that is no longer looked for.
            _ => Reaction::none(),
        }
    }

    fn looking_at_nothing(&self, facts: &Facts) -> bool {
        facts.app.is_none() && self.taken.is_none()
    }

    fn add(&mut self, page: AppPage) {
        let mut taken = None;
        if page.page <= 1 {
            taken = self
                .apps
                .iter()
                .find(|app| Some(app.id) == self.taken)
                .cloned();
            self.apps.clear();
        }
        self.error = None;
        self.total = page.total;
        self.pages = Some((page.page, page.pages));
        let fresh: Vec<App> = page
            .apps
            .into_iter()
            .filter(|app| self.apps.iter().all(|known| known.id != app.id))
            .collect();
        self.apps.extend(fresh);
        // Found by its id, it may be on none of the pages that are loaded.
        let is_new = |app: &App| self.apps.iter().all(|known| known.id != app.id);
        let taken = taken.filter(is_new);
        self.apps.extend(taken);
        self.rematch();
    }

    /// Asks for the next page where the cursor comes near the end, and for all of them while filtering.
    fn next_page(&self) -> Reaction {
        let near = self.picker.cursor().unwrap_or(0) + AHEAD >= self.apps.len();
        match self.pages {
            Some((loaded, all)) if loaded < all && (near || !self.picker.filter().is_empty()) => {
                Reaction::ask(Request::Apps {
                    page: loaded + 1,
                    search: None,
                })
            }
            _ => Reaction::none(),
        }
    }

    fn filter_changed(&mut self) -> Reaction {
        self.rematch();
        self.next_page()
    }

    fn rematch(&mut self) {
        // A pasted id or link is matched by the id inside it.
        let exact = self.pasted();
        let filter = self.picker.filter().text().to_owned();
        let uuid = CvmUuid::find(&filter);
        self.picker.refresh(self.apps.iter().map(|app| {
            let has_uuid = || {
                app.instances
                    .iter()
                    .any(|instance| instance.uuid.is_some() && instance.uuid == uuid)
            };
            if exact == Some(app.id) || (uuid.is_some() && has_uuid()) {
                return Cow::Owned(filter.clone());
            }
            let names = app
                .instances
                .iter()
                .map(|instance| instance.name.as_str())
                .filter(|name| *name != app.name.as_str());
            let words: Vec<&str> = std::iter::once(app.name.as_str()).chain(names).collect();
            Cow::Owned(format!("{} {}", words.join(" "), app.id))
        }));
    }

    fn highlighted(&self) -> Option<&App> {
        self.apps.get(self.picker.selected()?)
    }

    fn pasted(&self) -> Option<AppId> {
        AppId::find(self.picker.filter().text())
    }

    fn heading(&self) -> Line {
        let line = title("Which app gets a new instance?");
        if self.taking {
            return line.accent("   taking it once its revisions are known");
        }
        match (self.pages, self.apps.len()) {
            (None, _) => line,
            (Some(_), 0) => line.dim("   none"),
            (Some((loaded, all)), here) if loaded < all => {
                line.dim(format!("   {here} of {}", self.total))
            }
            (Some(_), here) => line.dim(format!("   {here}")),
        }
    }

    fn note(&self) -> Line {
        if self.taking {
            return Line::from("Reading which revisions the app runs.");
        }
        if self.looking_for.is_some() {
            return Line::from("Looking for the app with this id.");
        }
        if let Some(error) = &self.error {
            return trouble::brief(error);
        }
        if self.pointed.is_some() && self.highlighted().map(|app| app.id) == self.pointed {
            return Line::new()
                .strong(FILE)
                .plain(" in this folder names this app: Enter takes it.");
        }
        Line::new().dim("An app is an identity with keys; an instance is one machine that runs it.")
    }

    fn list<'a>(&'a self, zone: &'a Zone) -> List<'a> {
        const COLUMNS: &[Column] = &[
            Column::grow("Name", 14),
            Column::new("Live", 6, 1),
            Column::new("Revisions", 9, 3),
            Column::new("Keys from", 12, 2),
            Column::new("Created", 10, 4),
        ];
        let empty = if self.pages.is_none() {
            vec![Line::new().dim("Rows appear as they come.")]
        } else {
            self.nothing_matches()
        };
        List {
            columns: COLUMNS,
            len: self.picker.matches().len(),
            selected: self.picker.cursor(),
            row: Box::new(move |place| {
                self.picker
                    .matches()
                    .get(place)
                    .map_or_else(Row::default, |i| row(&self.apps[*i], zone))
            }),
            empty,
        }
    }

    fn nothing_matches(&self) -> Vec<Line> {
        let filter = self.picker.filter().text();
        if let Some(id) = self.pasted() {
            return vec![
                Line::from("This is an app id that is not in the list."),
                Line::new()
                    .dim("Enter asks the service for ")
                    .accent(id.short()),
            ];
        }
        let all_here = self.pages.is_some_and(|(loaded, all)| loaded >= all);
        let mut lines = vec![Line::from(format!("No app here matches '{filter}'."))];
        if !all_here {
            lines.push(Line::new().dim("More apps are being read."));
        }
        lines.push(Line::new());
        lines.push(Line::new().dim("Looked in names, app ids, instance names and UUIDs."));
        lines.push(
            Line::new().dim("Have the id? Paste it, or a link to the dashboard, and press Enter."),
        );
        lines
    }
}

fn first_page() -> Request {
    Request::Apps {
        page: 1,
        search: None,
    }
}

fn row(app: &App, zone: &Zone) -> Row {
    let running = app
        .instances
        .iter()
        .filter(|instance| instance.status.as_str() == "running")
        .count();
    let count = app
        .instance_count
        .map_or(app.instances.len(), |count| count as usize);
    let live = format!("{running}/{count}");
    let mut hashes: Vec<_> = app
        .instances
        .iter()
        .filter_map(|instance| instance.compose_hash)
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    let revisions = match hashes.len() {
        0 => Line::new().dim("-"),
        1 => Line::from("1"),
        several => Line::new().warn(several.to_string()),
    };
    Row {
        cells: vec![
            Line::from(app.name.as_str()),
            if running == count {
                Line::from(live)
            } else {
                Line::new().warn(live)
            },
            revisions,
            Line::from(kms_words(&app.kms)),
            Line::new().dim(
                app.created_at
                    .as_ref()
                    .map_or_else(|| "-".to_owned(), |time| zone.day(time)),
            ),
        ],
        usable: without_template(app).is_none(),
    }
}

/// Why an app cannot be taken, where its row already tells.
fn without_template(app: &App) -> Option<String> {
    (app.instance_count == Some(0) && app.instances.is_empty())
        .then(|| "no instance that the new one could be modelled on; n makes a new app".to_owned())
}

/// Who keeps the keys, in words.
pub fn kms_words(kms: &KmsKind) -> String {
    match kms {
        KmsKind::Central => "Phala KMS".to_owned(),
        KmsKind::OnChain(chain) => {
            let mut letters = chain.as_str().chars();
            let first = letters
                .next()
                .map(|c| c.to_uppercase().to_string())
                .unwrap_or_default();
            format!("{first}{} chain", letters.as_str())
        }
        KmsKind::Unknown(word) => format!("{word} ?"),
    }
}

fn details(app: &App, facts: &Facts, zone: &Zone) -> Vec<Line> {
    let mut lines = vec![
        Line::new().strong(app.name.as_str()),
        Line::new().dim("app id  ").plain(app.id.short()),
        Line::new().dim("keys    ").plain(kms_words(&app.kms)),
    ];
    if let Some(time) = &app.created_at {
        lines.push(Line::new().dim("created  ").plain(zone.moment(time)));
    }
    let Some(about) = facts.about(app.id) else {
        lines.push(Line::new());
        lines.push(Line::new().dim("Rest here a moment to see its instances."));
        return lines;
    };
    if let Some(allowlist) = about.allowlist.get() {
        if let (true, Some(contract)) = (allowlist.on_chain, &allowlist.contract) {
            let chain = allowlist
                .chain_id
                .map(|id| format!(" on chain {id}"))
                .unwrap_or_default();
            lines.push(
                Line::new()
                    .dim("contract  ")
                    .plain(shorten(contract.as_str()))
                    .dim(chain),
            );
            lines.push(Line::new().dim("A new compose hash has to be registered there."));
        } else if !allowlist.on_chain {
            lines.push(Line::new().dim("No contract: the service creates without a registration."));
        }
    }
    lines.push(Line::new());
    lines.push(title("Instances"));
    if let Some(error) = about.instances.error() {
        lines.push(trouble::brief(error));
    }
    for instance in about.instances() {
        let node = instance
            .node
            .as_ref()
            .map_or("-", |node| node.name.as_str());
        let status = instance.status.as_str();
        let line = Line::new()
            .plain(format!("{} ", instance.name))
            .dim(format!("on {node}  "));
        lines.push(if status == "running" {
            line.good(status)
        } else {
            line.warn(status)
        });
        if let Some(hash) = instance.compose_hash {
            lines.push(Line::new().dim(format!("  revision {}", hash.short())));
        }
    }
    if about.instances.is_pending() {
        lines.push(Line::new().dim("asking .."));
    } else if about.instances().is_empty() {
        lines.push(
            Line::new()
                .warn("none")
                .dim(": there is nothing to model a new one on"),
        );
    }
    if let Some(template) = about.template() {
        let size = &template.resource;
        if let Some(kind) = &size.kind {
            let price = price_words(size)
                .map(|price| format!("   {price}"))
                .unwrap_or_default();
            lines.push(Line::new());
            lines.push(Line::new().dim("size  ").plain(kind.as_str()).dim(price));
        }
    }
    if let Some(names) = about
        .document
        .get()
        .and_then(|document| document.allowed_envs.as_ref())
    {
        lines.push(Line::new());
        lines.push(title(format!(
            "Variables it lets through   {}",
            names.len()
        )));
        let shown: Vec<String> = names
            .iter()
            .map(|name| crate::shown::Shown::line(name).to_string())
            .collect();
        lines.push(Line::from(shown.join("  ")));
    }
    lines
}

/// `$0.058/hour`, from what the service says an instance costs.
pub fn price_words(size: &crate::api::types::Resource) -> Option<String> {
    let price = size.price.as_ref()?;
    let period = match size.period.as_ref().map(crate::shown::Shown::as_str) {
        Some("hourly") | None => "hour",
        Some("monthly") => "month",
        Some(_) => return None,
    };
    Some(format!("${price}/{period}"))
}

/// Head and tail of a long address.
pub fn shorten(address: &str) -> String {
    if address.is_ascii() && address.len() > 16 {
        format!("{}..{}", &address[..8], &address[address.len() - 4..])
    } else {
        address.to_owned()
    }
}

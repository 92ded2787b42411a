//! The shell's ledger as a value: the disk it found, and every call since then. A call is carried out by doing all of
//! them again on a fresh disk, once for every book and call there is.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use phala_wizard::journal::id::IntentId;
use phala_wizard::journal::reader;
use phala_wizard::journal::record::{End, Record};
use phala_wizard::journal::replay::replay;
use phala_wizard::journal::state::{Known, State};
use phala_wizard::shown::Shown;
use phala_wizard::wizard::event::{Noted, Request};

use super::digest;
use crate::faults::sim::{Files, Sim};
use crate::shell::desk::{Desk, Left, Reply};

/// What lies on a disk.
#[derive(Debug)]
pub struct Disk {
    pub files: Files,
    digest: u64,
}

/// A ledger between two calls.
#[derive(Debug)]
pub struct Book {
    start: Rc<Disk>,
    calls: Vec<Call>,
    /// What is on the disk now.
    pub disk: Rc<Disk>,
    /// The journal that is open.
    pub open: Option<IntentId>,
    pub under_way: Vec<u32>,
    pub digest: u64,
}

/// What a ledger is asked to do.
#[derive(Debug, Clone)]
pub enum Call {
    Send(u32, Request),
    Answer(u32, Reply),
    Note(Noted),
    Resume(IntentId),
}

/// What came of it.
#[derive(Debug)]
pub enum Done {
    /// The request has left.
    Left(Left),
    /// The wizard is told this.
    Told(Reply),
    Noted(Result<(), Shown>),
    Resumed(Result<Box<State>, Shown>),
}

/// A call, carried out.
pub struct Entry {
    pub book: Rc<Book>,
    pub done: Done,
    /// What was on the disk in between, where the power could have gone.
    pub between: Vec<Rc<Disk>>,
}

/// What a folder comes to.
pub struct Folder {
    pub unfinished: Vec<State>,
    /// Closed, for certain nothing was made.
    pub nothing_made: Vec<IntentId>,
    /// Instances that are known, in open and in closed journals.
    pub known: bool,
}

/// Every book and every folder that was ever read.
#[derive(Default)]
pub struct Shelf {
    entries: HashMap<(u64, u64), Rc<Entry>>,
    folders: HashMap<u64, Rc<Folder>>,
}

impl Disk {
    /// Copies that were never finished are nobody's.
    pub fn of(mut files: Files) -> Rc<Self> {
        files.retain(|name, _| name.rsplit('.').next() != Some("new"));
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        Rc::new(Self {
            files,
            digest: hasher.finish(),
        })
    }
}

impl Book {
    /// A program that has just started on this disk.
    pub fn fresh(disk: Rc<Disk>) -> Rc<Self> {
        Rc::new(Self::quiet(disk, None))
    }

    /// Nothing is under way: the disk and the open journal are all there is to it.
    fn quiet(disk: Rc<Disk>, open: Option<IntentId>) -> Self {
        Self {
            digest: digest(&(disk.digest, open)),
            start: Rc::clone(&disk),
            calls: open.map(Call::Resume).into_iter().collect(),
            disk,
            open,
            under_way: Vec::new(),
        }
    }
}

impl Shelf {
    pub fn call(&mut self, book: &Rc<Book>, call: Call) -> Rc<Entry> {
        let key = (book.digest, digest(&call));
        if let Some(entry) = self.entries.get(&key) {
            return Rc::clone(entry);
        }
        let entry = Rc::new(carry_out(book, call));
        self.entries.insert(key, Rc::clone(&entry));
        entry
    }

    pub fn folder(&mut self, disk: &Disk) -> Rc<Folder> {
        let read = || Rc::new(read(&disk.files));
        Rc::clone(self.folders.entry(disk.digest).or_insert_with(read))
    }
}

fn carry_out(book: &Rc<Book>, call: Call) -> Entry {
    let sim = Sim::of(&book.start.files);
    let mut desk = Desk::on(&sim);
    for call in &book.calls {
        act(&mut desk, call.clone());
    }
    let names = sim.names();
    sim.watch();
    let done = act(&mut desk, call.clone());
    let mut between: Vec<Rc<Disk>> = sim.film().into_iter().map(Disk::of).collect();
    between.dedup_by_key(|disk| disk.digest);
    let last = between.pop().unwrap();
    // What it began with is a crash before it, and what it ended with one after it.
    if !between.is_empty() {
        between.remove(0);
    }
    let begun = sim.names().into_iter().find(|name| !names.contains(name));
    let begun = begun.and_then(|name| IntentId::parse(name.strip_suffix(".jnl")?));
    let open = match (&call, sim.is_locked()) {
        (_, false) => None,
        (Call::Resume(id), true) => Some(*id),
        (_, true) => begun.or(book.open),
    };
    let mut under_way = book.under_way.clone();
    match (&call, &done) {
        (Call::Send(number, _), Done::Left(_)) => under_way.push(*number),
        (Call::Answer(number, _), _) => under_way.retain(|other| other != number),
        _ => (),
    }
    let book = if under_way.is_empty() {
        Book::quiet(last, open)
    } else {
        let mut calls = book.calls.clone();
        calls.push(call);
        Book {
            digest: digest(&(book.start.digest, &calls)),
            start: Rc::clone(&book.start),
            calls,
            disk: last,
            open,
            under_way,
        }
    };
    Entry {
        book: Rc::new(book),
        done,
        between,
    }
}

fn act(desk: &mut Desk, call: Call) -> Done {
    match call {
        Call::Send(number, request) => match desk.send(number, request) {
            Some(reply) => Done::Told(reply),
            None => Done::Left(desk.left().pop().unwrap()),
        },
        Call::Answer(number, reply) => Done::Told(desk.answer(number, reply)),
        Call::Note(noted) => Done::Noted(desk.note(noted)),
        Call::Resume(id) => Done::Resumed(desk.resume(id)),
    }
}

fn read(files: &Files) -> Folder {
    let desk = Desk::on(&Sim::of(files));
    let found = desk.unfinished().expect("the disk is well").found;
    let unfinished: Vec<State> = found.into_iter().map(|found| found.state).collect();
    let contents = files.values().filter_map(|bytes| reader::read(bytes).ok());
    let states: Vec<State> = contents
        .filter_map(|contents| replay(&contents.records))
        .collect();
    let nothing = |state: &&State| state.known() == Known::Closed(End::NothingMade);
    Folder {
        unfinished,
        nothing_made: states.iter().filter(nothing).map(State::id).collect(),
        known: states.iter().any(|state| state.made().next().is_some()),
    }
}

/// The same files without the record that a preparation is about to leave, where nothing follows it.
pub fn without_prepare(files: &Files) -> Files {
    let mut files = files.clone();
    for bytes in files.values_mut() {
        let Ok(mut contents) = reader::read(bytes) else {
            continue;
        };
        let last = contents.records.last().map(|last| &last.record);
        if !matches!(last, Some(Record::PrepareSent(_))) {
            continue;
        }
        contents.records.pop();
        let mut again = Vec::new();
        for (number, stamped) in (1..).zip(&contents.records) {
            again.extend_from_slice(&match &stamped.record {
                Record::Intent(intent) => reader::begin(intent, &stamped.at).unwrap(),
                record => reader::record(number, &stamped.at, record).unwrap(),
            });
        }
        *bytes = again;
    }
    files
}

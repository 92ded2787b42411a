use super::*;
use crate::api::error::{Error, ErrorKind, Unreachable};
use crate::api::types::{AppId, NextApp, Node, NodeId, NodeList, Quota};
use crate::wizard::answers::{self, Question};
use crate::wizard::page::{Block, Line};
use crossterm::event::{KeyCode, KeyEvent};

fn size(id: &str, vcpu: f64, hourly: &str) -> Size {
    Size {
        id: id.into(),
        vcpu: Some(vcpu),
        memory_mb: Some(vcpu * 2048.0),
        disk_gb: Some(vcpu * 20.0),
        hourly: Some(hourly.into()),
        gpu: false,
    }
}

fn next(byte: u8) -> NextApp {
    NextApp {
        app: AppId::from([byte; 20]),
        nonce: u64::from(byte),
    }
}

/// The service has said all that it is asked.
fn facts() -> Facts {
    Facts {
        sizes: Load::Here(vec![
            size("tdx.large", 4.0, "0.232"),
            size("tdx.small", 1.0, "0.058"),
            Size {
                gpu: true,
                ..size("h200.small", 1.0, "0.010")
            },
        ]),
        ..Facts::default()
    }
}

/// The answers of a person who is asked about a new app.
struct Desk {
    new: NewApp,
    facts: Facts,
}

impl Desk {
    fn open(facts: Facts) -> Self {
        let mut desk = Self {
            new: NewApp::new("my-shop".to_owned()),
            facts,
        };
        desk.new.open(&mut desk.facts);
        desk.hear();
        desk
    }

    fn hear(&mut self) {
        if self.facts.next_app == Load::Unasked {
            self.facts.next_app = Load::Here(next(7));
        }
        self.new.settle(&mut self.facts);
    }

    fn command(&mut self, command: Command) -> Named {
        let named = self
            .new
            .update(Input::Command(command), &mut self.facts, |_| false);
        self.new.settle(&mut self.facts);
        named
    }

    fn on(&mut self, times: usize) -> &mut Self {
        for _ in 0..times {
            assert_eq!(self.command(Command::Next), Named::Stay(Reaction::none()));
        }
        self
    }

    fn blocked(&self) -> Option<String> {
        let offer = self.new.offer(&self.facts, |name| name == "taken-name");
        offer.find(Command::Next)?.blocked.clone()
    }

    fn type_over(&mut self, text: &str) {
        let clear = KeyEvent::new(KeyCode::Char('u'), crossterm::event::KeyModifiers::CONTROL);
        let letters = text.chars().map(|c| KeyEvent::from(KeyCode::Char(c)));
        for key in std::iter::once(clear).chain(letters) {
            self.new.update(Input::Key(key), &mut self.facts, |_| false);
        }
    }

    fn words(&self) -> String {
        let page = self.new.page(&self.facts);
        let mut words = String::new();
        for block in &page.main {
            match block {
                Block::Text(lines) => {
                    words.extend(lines.iter().map(|line| format!("{}\n", line.words())));
                }
                Block::List(list) => {
                    for place in 0..list.len {
                        let cells = (list.row)(place).cells;
                        let cells: Vec<_> = cells.iter().map(Line::words).collect();
                        words.extend([cells.join(" ").as_str(), "\n"]);
                    }
                }
                _ => (),
            }
        }
        words
    }
}

#[test]
fn four_answers_make_an_app_that_only_this_form_knows() {
    let mut desk = Desk::open(facts());
    assert!(desk.facts.founding, "now it is asked what that takes");
    desk.on(3);
    assert_eq!(desk.command(Command::Next), Named::Done);
    let about = desk.facts.app.clone().expect("an app");
    assert_eq!(Some(&about), desk.new.made());
    assert_eq!(
        (about.app.id, about.app.name.as_str()),
        (next(7).app, "my-shop")
    );
    assert_eq!(about.app.kms, KmsKind::Central);
    assert!(!about.is_on_chain());
    let founding = about.new.as_ref().expect("a new one");
    assert_eq!(founding.keeper, Keeper::Phala { nonce: 7 });
    assert_eq!(founding.disk_gb, Some(20));
    let size = about.size().expect("a size");
    assert_eq!(size.kind.as_ref().map(Shown::as_str), Some("tdx.small"));
    assert_eq!((size.memory_gb, size.disk_gb), (Some(2.0), Some(20.0)));
    let questions = desk.facts.missing();
    assert_eq!(
        questions,
        [],
        "nobody is asked about an app that does not exist"
    );
    assert_eq!(desk.new.problem(&desk.facts), None);
}

#[test]
fn a_name_that_will_not_do_stops_here_and_stays() {
    let mut desk = Desk::open(facts());
    for (name, why) in [
        ("", "type a name"),
        ("abc", "5 to 63"),
        ("under_score", "letters, digits and hyphens"),
        ("taken-name", "there already"),
    ] {
        desk.type_over(name);
        assert!(
            desk.blocked().is_some_and(|told| told.contains(why)),
            "{name}"
        );
    }
    desk.type_over("abc");
    assert_eq!(desk.command(Command::Next), Named::Stay(Reaction::none()));
    assert_eq!((desk.new.part, desk.new.name.text()), (Part::Name, "abc"));
    assert_eq!(desk.command(Command::Back), Named::Leave);
}

#[test]
fn keys_on_a_chain_take_a_contract_and_no_id_of_the_service() {
    let mut desk = Desk::open(facts());
    desk.facts.next_app = Load::Failed(Error {
        asked: "GET /kms/phala/next_app_id".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Connect, "".into()),
    });
    desk.on(1).command(Command::Down);
    let told = desk.words();
    assert!(told.contains("its contract is deployed before"), "{told}");
    desk.on(2);
    assert!(desk.words().contains("keys  Base"), "{}", desk.words());
    assert_eq!(desk.blocked(), None, "no id is waited for");
    assert_eq!(desk.command(Command::Next), Named::Done);
    let about = desk.facts.app.clone().expect("an app");
    let founding = about.new.as_ref().expect("new");
    assert_eq!(founding.keeper, Keeper::OnChain(KmsChain::Base));
    assert_eq!(about.app.id, stand_in("my-shop"));
    assert_ne!(about.app.id, stand_in("my-shop2"));
    assert!(about.is_on_chain());
    // Which id is next is nothing to it.
    desk.facts.next_app = Load::Here(next(9));
    desk.new.settle(&mut desk.facts);
    assert_eq!(
        desk.new.made().map(|made| made.app.id),
        Some(stand_in("my-shop"))
    );
    assert_eq!(desk.new.problem(&desk.facts), None);
}

#[test]
fn the_cheapest_that_fits_stands_first_and_others_say_why_not() {
    let mut desk = Desk::open(facts());
    desk.on(2);
    assert!(
        desk.words().contains("tdx.small 1 2 GB 20 GB 0.058 42"),
        "{}",
        desk.words()
    );
    assert_eq!(desk.blocked(), None);
    desk.command(Command::Last);
    assert!(desk.blocked().is_some_and(|why| why.contains("GPU")));
    assert_eq!(desk.command(Command::Next), Named::Stay(Reaction::none()));
    assert_eq!(desk.new.part, Part::Size, "what cannot be had is not taken");

    let quota = |name: &str, remaining: f64| Quota {
        name: name.into(),
        limit: 9.0,
        remaining,
    };
    let mut facts = facts();
    facts.quotas = Load::Here(Quotas {
        limits: vec![quota("vcpu", 2.0)],
    });
    let sizes = facts.sizes.get().cloned().expect("sizes");
    let why = unfit(&sizes[0], &facts).expect("too large");
    assert_eq!(why, "the workspace has 2 vCPU left, and it takes 4");
    assert_eq!(unfit(&sizes[1], &facts), None);

    facts.quotas = Load::Unasked;
    facts.nodes = Load::Here(NodeList {
        nodes: vec![Node {
            id: NodeId(1),
            name: "a".into(),
            region: None,
            slots: Some(1),
            vcpu: Some(2.0),
            memory_mb: Some(1e6),
            on_chain: None,
            device: None,
            images: Vec::new(),
        }],
    });
    assert_eq!(
        unfit(&sizes[0], &facts).as_deref(),
        Some("no node has room for it now")
    );
    assert_eq!(unfit(&sizes[1], &facts), None);
}

#[test]
fn a_disk_is_a_number_or_nothing_and_what_was_typed_is_kept() {
    let mut desk = Desk::open(facts());
    desk.on(3);
    for wrong in ["0", "-1", "ten", "1.5"] {
        desk.type_over(wrong);
        assert!(desk.blocked().is_some(), "{wrong}");
    }
    desk.facts.quotas = Load::Here(Quotas {
        limits: vec![Quota {
            name: "disk_gb".into(),
            limit: 100.0,
            remaining: 50.0,
        }],
    });
    desk.type_over("51");
    assert!(desk.blocked().is_some_and(|why| why.contains("50 GB")));
    desk.type_over("33");
    // Another size keeps a disk that was typed.
    desk.command(Command::Back);
    desk.command(Command::First);
    desk.command(Command::Next);
    assert_eq!(desk.new.disk.text(), "33");
    desk.type_over("");
    assert_eq!(desk.command(Command::Next), Named::Done);
    let about = desk.facts.app.as_ref().expect("an app");
    assert_eq!(about.new.as_ref().expect("new").disk_gb, None);
    assert_eq!(about.size().expect("a size").disk_gb, Some(80.0));
}

#[test]
fn without_an_id_there_is_no_app_and_it_is_asked_for_again() {
    let mut desk = Desk::open(facts());
    desk.on(3);
    desk.facts.next_app = Load::Asked;
    assert!(desk.blocked().is_some_and(|why| why.contains("one moment")));
    assert_eq!(desk.command(Command::Next), Named::Stay(Reaction::none()));
    desk.facts.next_app = Load::Failed(Error {
        asked: "GET /kms/phala/next_app_id".into(),
        tries: 1,
        kind: ErrorKind::Unreachable(Unreachable::Connect, "".into()),
    });
    assert_eq!(desk.blocked(), None);
    assert!(desk.words().contains("Enter asks once more"));
    desk.command(Command::Next);
    assert_eq!(desk.facts.next_app, Load::Unasked, "asked once more");
}

#[test]
fn a_renewed_id_is_the_one_that_counts() {
    let mut desk = Desk::open(facts());
    desk.on(3);
    desk.command(Command::Next);
    desk.facts.renew_id();
    let waits = desk.new.problem(&desk.facts);
    assert!(waits.is_some_and(|why| why.contains("one moment")));
    desk.facts.next_app = Load::Here(next(8));
    desk.new.settle(&mut desk.facts);
    let about = desk.facts.app.as_ref().expect("an app");
    assert_eq!(about.app.id, next(8).app);
    let keeper = about.new.as_ref().expect("new").keeper;
    assert_eq!(keeper, Keeper::Phala { nonce: 8 });
    assert_eq!(desk.new.problem(&desk.facts), None);
}

fn given(kms: Option<&str>, size: Option<&str>, disk_gb: Option<u64>) -> answers::NewApp {
    answers::NewApp {
        name: "my-shop".to_owned(),
        kms: kms.map(str::to_owned),
        size: size.map(str::to_owned),
        disk_gb,
    }
}

#[test]
fn what_is_given_is_judged_as_what_is_typed_and_stops_at_its_question() {
    let all = given(Some("phala"), Some("tdx.small"), Some(33));
    let mut desk = Desk::open(facts());
    assert_eq!(desk.new.give(&all, &mut desk.facts, |_| false), Ok(true));
    let about = desk.facts.app.clone().expect("an app");
    assert_eq!(about.new.expect("new").disk_gb, Some(33));

    let stop = |given: &answers::NewApp, taken: bool| {
        let mut desk = Desk::open(facts());
        let stop = desk.new.give(given, &mut desk.facts, |_| taken);
        (stop.expect_err("it stops"), desk.new.part)
    };
    let named = |name: &str| answers::NewApp {
        name: name.to_owned(),
        ..all.clone()
    };
    for (given, taken, question, part, usable) in [
        (&named("x"), false, Question::NewApp, Part::Name, 0),
        (&all, true, Question::NewApp, Part::Name, 0),
        (&given(None, None, None), false, Question::Kms, Part::Kms, 3),
        (
            &given(Some("phala"), None, None),
            false,
            Question::Size,
            Part::Size,
            2,
        ),
        (
            &given(Some("phala"), Some("tdx.huge"), None),
            false,
            Question::Size,
            Part::Size,
            2,
        ),
        (
            &given(Some("phala"), Some("h200.small"), None),
            false,
            Question::Size,
            Part::Size,
            2,
        ),
        (
            &given(Some("phala"), Some("tdx.small"), Some(0)),
            false,
            Question::Disk,
            Part::Disk,
            0,
        ),
    ] {
        let (stop, at) = stop(given, taken);
        assert_eq!(
            (stop.question, at, stop.usable.len()),
            (question, part, usable),
            "{stop:?}"
        );
    }
}

#[test]
fn what_is_given_waits_for_what_it_is_judged_by() {
    let all = given(Some("phala"), Some("tdx.small"), None);
    let mut desk = Desk::open(Facts {
        sizes: Load::Asked,
        ..facts()
    });
    assert_eq!(desk.new.give(&all, &mut desk.facts, |_| false), Ok(false));
    desk.facts.sizes = facts().sizes;
    desk.facts.next_app = Load::Asked;
    desk.new.settle(&mut desk.facts);
    assert_eq!(desk.new.give(&all, &mut desk.facts, |_| false), Ok(false));
    assert!(desk.facts.app.is_none());
    desk.facts.next_app = Load::Here(next(9));
    assert_eq!(desk.new.give(&all, &mut desk.facts, |_| false), Ok(true));
}

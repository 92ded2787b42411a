use super::testing::{CANARY, KEY, facts_unsure, facts_with, typing, with_key, words};
use super::*;
use crate::wizard::event::{Answer, Folder, Request};
use crate::wizard::facts::Load;
use crate::wizard::screen::{Go, Wish};

const COMPOSE: &str = "services:\n  api:\n    image: a\n    environment:\n      - DATABASE_URL=${DATABASE_URL}\n      \
                       - SENTRY_DSN=${SENTRY_DSN}\n      - LEVEL=${LEVEL:-info}\n";
const ALLOWED: [&str; 3] = ["DATABASE_URL", "SENTRY_DSN", "LEVEL"];

/// The step with what it is given.
struct Desk {
    step: EnvStep,
    facts: Facts,
    compose: ComposeStep,
}

impl Desk {
    fn new(facts: Facts) -> Self {
        let mut desk = Self {
            step: EnvStep::new("/home/dana".into()),
            facts,
            compose: ComposeStep::default(),
        };
        desk.step.settle(&desk.facts, &desk.compose);
        desk
    }

    fn take(&mut self, input: Input) -> Reaction {
        self.step.update(input, &mut self.facts, &self.compose)
    }

    /// A command, which the step has to offer.
    fn press(&mut self, command: Command) -> Reaction {
        let offer = self.step.offer(&self.facts, &self.compose);
        assert!(offer.find(command).is_some(), "{command:?} is not offered");
        self.take(Input::Command(command))
    }

    fn paste(&mut self, text: &str) -> Reaction {
        self.take(Input::Paste(Secret::new(text)))
    }

    fn type_in(&mut self, text: &str) {
        typing(text).for_each(|key| {
            self.take(Input::Key(key));
        });
    }

    /// Adds a row in the table.
    fn add(&mut self, name: &str, value: &str) {
        self.press(Command::Add);
        self.type_in(name);
        self.press(Command::Next);
        self.type_in(value);
        self.press(Command::Next);
    }

    /// Goes through the browser and reads this text as `.env`.
    fn read(&mut self, text: &str) -> Reaction {
        self.press(Command::Choose(2));
        self.serve(text)
    }

    fn serve(&mut self, text: &str) -> Reaction {
        let entry = crate::wizard::event::FolderEntry {
            name: ".env".into(),
            is_folder: false,
            size: 9,
        };
        let folder = Folder {
            path: "/home/dana".into(),
            entries: vec![entry],
        };
        self.take(Input::Answer(Answer::Folder(Ok(folder))));
        let asked = self.press(Command::Next);
        assert!(matches!(
            asked.wishes.as_slice(),
            [Wish::Ask(Request::ReadFile(_))]
        ));
        let file = TextFile {
            path: "/home/dana/.env".into(),
            text: Secret::new(text),
            lasts: true,
        };
        self.take(Input::Answer(Answer::File(Ok(file))))
    }

    fn words(&self) -> String {
        words(&self.step.page(&self.facts, &self.compose))
    }

    fn problem(&self) -> String {
        self.step
            .problem(&self.facts, &self.compose)
            .unwrap_or_default()
    }

    fn remarks(&self) -> String {
        testing::words_of(&self.step.remarks(&self.facts, &self.compose))
    }

    fn sealed(&self) -> Vec<(String, String)> {
        match self.step.plan() {
            EnvPlan::Seal(pairs) => pairs
                .into_iter()
                .map(|(name, value)| (name, value.expose().to_owned()))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}

fn desk() -> Desk {
    Desk::new(facts_with(COMPOSE, Some(&ALLOWED), None))
}

/// The table with both needed values typed.
fn filled() -> Desk {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    desk.add("DATABASE_URL", CANARY);
    desk.add("SENTRY_DSN", "https://a");
    desk.add("LEVEL", "debug");
    desk
}

fn said(reaction: &Reaction) -> &str {
    match reaction.wishes.as_slice() {
        [Wish::Say(sentence)] => sentence,
        _ => "",
    }
}

#[test]
fn inheriting_is_one_key() {
    let mut desk = desk();
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.step.plan(), EnvPlan::Inherit);
    assert_eq!(
        (desk.problem().as_str(), desk.step.source().as_str()),
        ("", "as others")
    );
}

#[test]
fn inheriting_says_which_name_the_app_cannot_give() {
    let desk = Desk::new(facts_with(COMPOSE, Some(&["DATABASE_URL"]), None));
    assert!(
        desk.words()
            .contains("SENTRY_DSN: used by the compose file"),
        "{}",
        desk.words()
    );
    assert!(desk.remarks().contains("SENTRY_DSN"));
}

#[test]
fn typed_values_are_sealed_in_their_order_and_never_shown() {
    let mut desk = filled();
    let names: Vec<String> = desk.sealed().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["DATABASE_URL", "SENTRY_DSN", "LEVEL"]);
    assert!(
        desk.words()
            .contains("DATABASE_URL  **** 11 chars  api  ok"),
        "{}",
        desk.words()
    );
    assert!(!desk.words().contains(CANARY));
    assert!(!format!("{:?} {:?}", desk.step, desk.step.plan()).contains(CANARY));
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.problem(), "");
}

#[test]
fn a_value_half_typed_is_not_shown_either() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    desk.press(Command::Edit);
    desk.type_in(CANARY);
    assert!(!desk.words().contains(CANARY) && !format!("{:?}", desk.step).contains(CANARY));
}

#[test]
fn a_missing_name_needs_enter_twice_and_is_named() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    desk.add("DATABASE_URL", "x");
    desk.add("LEVEL", "x");
    assert!(
        desk.words().contains("SENTRY_DSN  -  api  ! missing"),
        "{}",
        desk.words()
    );
    let first = desk.press(Command::Next);
    assert_eq!(first.go, Go::Stay);
    assert!(said(&first).contains("SENTRY_DSN"));
    assert!(desk.problem().contains("SENTRY_DSN"));
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.problem(), "");
    assert!(desk.remarks().contains("SENTRY_DSN will have no value"));
}

#[test]
fn another_key_between_the_two_enters_asks_again() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    desk.add("DATABASE_URL", "x");
    desk.press(Command::Next);
    desk.press(Command::Up);
    assert_eq!(desk.press(Command::Next).go, Go::Stay);
}

#[test]
fn what_vanishes_is_listed_and_agreed_to() {
    let mut desk = Desk::new(facts_with("services: {}\n", Some(&["OLD", "KEPT"]), None));
    desk.press(Command::Choose(3));
    desk.add("KEPT", "1");
    assert!(
        desk.words().contains("OLD  -  -  vanishes"),
        "{}",
        desk.words()
    );
    assert!(desk.words().contains("gone in the new instance"));
    assert!(said(&desk.press(Command::Next)).contains("OLD"));
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.problem(), "");
    // A name that vanishes later was not agreed to.
    desk.press(Command::First);
    desk.press(Command::Drop);
    desk.add("OLD", "1");
    assert!(desk.problem().starts_with("KEPT"), "{}", desk.problem());
}

#[test]
fn a_name_the_app_does_not_let_through_stops() {
    let mut desk = filled();
    desk.add("NEW_NAME", "1");
    assert!(
        desk.problem().contains("does not let NEW_NAME through"),
        "{}",
        desk.problem()
    );
    assert!(desk.words().contains("X not allowed"), "{}", desk.words());
}

#[test]
fn where_the_list_is_unknown_that_is_a_remark() {
    let mut desk = Desk::new(facts_unsure(COMPOSE));
    desk.press(Command::Choose(3));
    for name in ALLOWED {
        desk.add(name, "1");
    }
    desk.add("NEW_NAME", "1");
    assert_eq!(desk.problem(), "");
    assert!(
        desk.remarks()
            .contains("does not say which names the app lets through")
    );
}

#[test]
fn a_slip_of_the_finger_is_pointed_at() {
    let mut desk = Desk::new(facts_unsure(COMPOSE));
    desk.press(Command::Choose(3));
    desk.add("DATABSE_URL", "1");
    assert!(
        desk.words().contains("typo of DATABASE_URL?"),
        "{}",
        desk.words()
    );
    assert!(
        desk.words()
            .contains("DATABSE_URL looks like a typo of DATABASE_URL.")
    );
}

#[test]
fn a_plain_file_goes_straight_into_the_table() {
    let mut desk = desk();
    let reaction = desk.read(&format!("DATABASE_URL={CANARY}\nSENTRY_DSN=a\nLEVEL=b\n"));
    assert_eq!(said(&reaction), "3 variables taken over");
    assert_eq!(desk.step.path().as_deref(), Some("./.env"));
    assert!(desk.words().contains("./.env (3)") && !desk.words().contains(CANARY));
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.problem(), "");
}

#[test]
fn a_file_with_a_bad_line_stops_until_the_line_is_left_out() {
    let mut desk = desk();
    desk.read(&format!(
        "DATABASE_URL=1\nSENTRY_DSN=a\nLEVEL=b\nAPI KEY={CANARY}\n"
    ));
    assert!(desk.problem().contains("not finished"));
    assert!(
        desk.words()
            .contains("line 4: a name cannot contain a space"),
        "{}",
        desk.words()
    );
    assert!(!desk.words().contains(CANARY));
    let blocked = desk.step.offer(&desk.facts, &desk.compose);
    assert!(
        blocked
            .find(Command::Next)
            .is_some_and(|next| next.blocked.is_some())
    );
    desk.press(Command::Drop);
    desk.press(Command::Next);
    assert_eq!(desk.sealed().len(), 3);
}

#[test]
fn cancelling_an_import_leaves_everything_as_it_was() {
    let mut desk = desk();
    desk.read("export A=1\n");
    desk.press(Command::Back);
    assert_eq!(
        (desk.step.plan(), desk.problem().as_str()),
        (EnvPlan::Inherit, "")
    );
}

#[test]
fn another_file_replaces_the_first_and_keeps_what_was_typed() {
    let mut desk = desk();
    desk.read("DATABASE_URL=1\nLEVEL=2\n");
    desk.add("SENTRY_DSN", "typed");
    desk.press(Command::Files);
    desk.serve("DATABASE_URL=9\n");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        desk.sealed(),
        [pair("SENTRY_DSN", "typed"), pair("DATABASE_URL", "9")]
    );
    assert_eq!(desk.step.source(), "./.env + typed (1)");
}

#[test]
fn a_pasted_block_becomes_a_preview_and_its_line_ends_press_nothing() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    let reaction = desk.paste(&format!("DATABASE_URL={CANARY}\rSENTRY_DSN=b\r\rLEVEL=c\r"));
    assert_eq!(reaction, Reaction::none());
    assert!(desk.words().contains("Import the pasted lines") && !desk.words().contains(CANARY));
    desk.press(Command::Next);
    assert_eq!(desk.sealed().len(), 3);
}

#[test]
fn a_block_pasted_while_a_name_is_typed_becomes_a_preview_too() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    desk.press(Command::Add);
    desk.paste("LEVEL=c");
    assert!(desk.words().contains("Import the pasted lines"));
}

#[test]
fn each_way_keeps_its_content() {
    let mut desk = filled();
    desk.press(Command::Back);
    desk.read("DATABASE_URL=1\n");
    desk.press(Command::Back);
    desk.press(Command::Choose(1));
    assert_eq!(desk.step.plan(), EnvPlan::Inherit);
    desk.press(Command::Choose(3));
    assert_eq!(desk.sealed().len(), 3);
    desk.press(Command::Back);
    desk.press(Command::Choose(2));
    assert_eq!(desk.sealed().len(), 1);
}

#[test]
fn a_value_shows_on_one_key_and_hides_after_five_seconds() {
    let mut desk = filled();
    desk.press(Command::First);
    desk.press(Command::Toggle);
    assert!(desk.words().contains(CANARY) && desk.step.moves());
    for _ in 0..4 {
        desk.take(Input::Tick);
    }
    assert!(desk.words().contains(CANARY));
    desk.take(Input::Tick);
    assert!(!desk.words().contains(CANARY) && !desk.step.moves());
}

#[test]
fn any_other_command_hides_a_shown_value() {
    let mut desk = filled();
    desk.press(Command::First);
    desk.press(Command::Toggle);
    desk.press(Command::Down);
    assert!(!desk.words().contains(CANARY));
    desk.press(Command::First);
    desk.press(Command::Toggle);
    desk.step.hide();
    assert!(!desk.words().contains(CANARY));
}

#[test]
fn a_dropped_row_is_gone() {
    let mut desk = filled();
    desk.press(Command::First);
    desk.press(Command::Drop);
    assert_eq!(desk.sealed().len(), 2);
}

#[test]
fn an_empty_table_stops() {
    let mut desk = desk();
    desk.press(Command::Choose(3));
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.problem(), "no variables are set: add one, or inherit");
}

#[test]
fn a_bad_key_stops_only_where_something_is_encrypted() {
    let mut desk = filled();
    desk.facts = with_key(desk.facts, &KEY[1..], None);
    assert!(desk.problem().contains("63 found"), "{}", desk.problem());
    desk.press(Command::Back);
    desk.press(Command::Choose(1));
    assert_eq!(desk.problem(), "");
}

#[test]
fn a_key_that_did_not_come_is_asked_for_again() {
    let mut desk = filled();
    let asked = crate::shown::Shown::line("GET /kms");
    let error = crate::api::error::Error {
        asked,
        tries: 1,
        kind: crate::api::error::ErrorKind::Unreachable(
            crate::api::error::Unreachable::TimedOut,
            Shown::default(),
        ),
    };
    desk.facts.app.as_mut().unwrap().env_key = Load::Failed(error);
    assert!(desk.problem().contains("r asks again"));
    desk.press(Command::Refresh);
    assert_eq!(desk.facts.app.as_ref().unwrap().env_key, Load::Unasked);
    assert_eq!(desk.sealed().len(), 3);
}

#[test]
fn values_beyond_what_the_host_copies_stop() {
    let mut desk = Desk::new(facts_with("services: {}\n", Some(&["A", "B", "C"]), None));
    desk.press(Command::Choose(3));
    for name in ["A", "B", "C"] {
        desk.press(Command::Add);
        desk.type_in(name);
        desk.press(Command::Next);
        desk.paste(&"x".repeat(90_000));
        desk.press(Command::Next);
    }
    assert!(
        desk.problem().contains("the host copies 262144"),
        "{}",
        desk.problem()
    );
}

#[test]
fn a_ready_blob_is_taken_and_what_is_none_says_why() {
    let mut desk = desk();
    desk.press(Command::Choose(4));
    desk.paste(CANARY);
    assert!(
        desk.words()
            .contains("Not a blob: character 3 is not a hex digit"),
        "{}",
        desk.words()
    );
    assert!(!desk.words().contains(CANARY));
    let blob = format!("09{}", "11".repeat(69));
    desk.paste(&blob);
    assert!(
        desk.words().contains("does not tell which key it is for"),
        "{}",
        desk.words()
    );
    assert_eq!(desk.press(Command::Next).go, Go::Next);
    assert_eq!(desk.step.plan(), EnvPlan::Ready(blob));
    assert_eq!(desk.problem(), "");
    assert!(desk.remarks().contains("does not tell"));
}

//! What is done about an instance that did not come up, and what the journals have of it afterwards.

use phala_wizard::journal::store::Store;
use phala_wizard::wizard::event::Outcome;

use crate::walk::{Stage, Visit, Visitor};
use crate::{create, leave, to_the_review};

async fn to_the_failure(you: &mut Visitor) {
    to_the_review(you, "kv-cache", "prod15").await;
    you.presses("<enter>").await;
    create(you).await;
    you.sees("It did not come up.").await;
    you.sees("change it: ").await;
}

/// The journal of the first one is open still, and does not stand in the way.
#[test]
fn what_failed_is_changed_and_deployed_again() {
    let visit = Stage::of("fails-image-not-found").walk(async |you| {
        to_the_failure(you).await;
        you.presses("1").await;
        you.at("What should it run?", "<enter>").await;
        you.at("Which values shall", "<enter>").await;
        you.at("Script that runs", "<enter>").await;
        you.at("Nothing was sent yet", "<enter>").await;
        create(you).await;
        you.sees("It did not come up.").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Unhealthy, 2, 0, 2);
    assert_eq!(unfinished(&visit), 2);
}

#[test]
fn what_failed_and_was_deleted_leaves_nothing_unfinished() {
    let visit = Stage::of("fails-image-not-found").walk(async |you| {
        to_the_failure(you).await;
        you.presses("D").await;
        you.sees("Delete ").await;
        let frame = you.frame();
        let (_, rest) = frame.split_once("Delete ").expect("a question");
        let name = rest.split('?').next().expect("its name").to_owned();
        you.presses(&format!("{name}<enter>")).await;
        you.sees("Deleted.").await;
        leave(you).await;
    });
    visit.came_to(Outcome::Failed, 1, 0, 0);
    assert_eq!(unfinished(&visit), 0);
}

/// How many deployments `list` would show.
fn unfinished(visit: &Visit) -> usize {
    let journals = Store::open(&visit.left.state.path().join("phala-wizard")).expect("journals");
    let unfinished = journals.unfinished().expect("a list");
    assert_eq!(unfinished.set_aside, []);
    unfinished.found.len()
}

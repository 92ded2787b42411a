//! A service that means harm, class by class, and where each is met.
//!
//! | class | tests |
//! | --- | --- |
//! | control bytes, bidi, invisible letters in any text | here, on every frame; `matrix/members` in all that is said; `end_to_end` `hostile_names`; `shown`; `fuzz/` |
//! | a terminal that is talked to | `pty` `names_made_for_terminals_do_nothing_to_one`; `matrix/cards` |
//! | a paste that confirms | `shell::keyboard`, `pty` `a_paste_is_one_text_with_brackets_and_without`, `walk` |
//! | a terminal left broken, a terminal gone | `terminal` |
//! | redirects | `wire` `no_redirect_of_any_kind_is_followed_and_the_key_stays_here`; `matrix` `302`, `307-other-host` |
//! | plain http, hosts that look like this machine | `http::address` |
//! | proxies | here |
//! | links of the service to other hosts | here |
//! | another app, hash, machine in a 465; a foreign key | `line` and `end_to_end` `lying_service`; `trust::env_key_signature`; `journeys` |
//! | too long, packed, slow, broken off, without end | `wire` `an_answer_without_end_ends`, `a_head_without_end_ends`, `a_silent_service_times_out`, `a_token_of_a_megabyte_..`; `matrix` |
//! | nested without end | `wire` `what_is_nested_without_end_..`; `api::decode` `what_is_no_json_is_unreadable` |
//! | nulls, other kinds, members that are not there | `api::decode` `every_field_may_be_..`; `matrix/members` |
//! | a flood on the stream, lines without end | `wire/stream`; `matrix` `stream-flood` |
//! | clocks that jump | here |
//! | our secrets in its answers, tokens in its errors | `wire` `our_secrets_are_masked_..`, `an_unreadable_ticket_gives_no_token_away`; `canary` |
//! | answers late, lost, doubled | `matrix`; `faults/`; `wizard::facts` for late ones |
//! | names of files and links in the journal's folder | `faults/attacks` |
//! | others who talk to the sandbox | `sandbox::serve`, `service` |

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

#[path = "support/cloud.rs"]
mod cloud;
#[path = "hostile/frames.rs"]
mod frames;
#[path = "support/journey.rs"]
mod journey;
#[path = "hostile/others.rs"]
mod others;
#[path = "support/tour.rs"]
mod tour;
#[path = "support/typed.rs"]
mod typed;

use cloud::Cloud;
use journey::Journey;
use phala_wizard::wizard::event::Event;

/// Ages and pauses come from a clock that only counts; whatever it says, nothing is sent because of it.
#[test]
fn a_clock_that_jumps_sends_nothing_and_changes_no_stage() {
    // A day, fifty years, and back again.
    let ticks = [0, 86_400, 1, 1_577_880_000, 0, 1_577_880_001, 86_400, 3];
    let mut journey = Journey::signed_in(Cloud::default());
    for keys in [
        "", "<enter>", "<enter>", "<enter>", "<enter>", "<enter>", "<enter>",
    ] {
        journey.press(keys);
        let (stage, sent) = (journey.wizard.report().status, journey.creating().len());
        for now in ticks {
            journey.event(Event::Tick(now));
            journey.frame();
        }
        let after = journey.wizard.report().status;
        let same = std::mem::discriminant(&stage) == std::mem::discriminant(&after);
        assert!(same, "{stage:?} became {after:?}");
        assert_eq!(journey.creating().len(), sent);
    }
    // The contract agrees by and by, and the commit is under way while the clock jumps.
    journey.wait(20);
    journey.press("<enter>").press_only("<right><enter>");
    let sent = journey.creating().len();
    for now in ticks {
        journey.event(Event::Tick(now));
        journey.frame();
    }
    assert_eq!(journey.creating().len(), sent);
}

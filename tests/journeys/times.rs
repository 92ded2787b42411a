//! Whatever is an instant is shown in the zone of the person's clock, and handed on in UTC.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a message to us")]

use jiff::tz::TimeZone;

use phala_wizard::api::types::{Certificate, LogLine, LogSource, Reached};
use phala_wizard::wizard::event::{Event, Request};
use phala_wizard::zone::Zone;

use super::at_review;
use super::cloud::{Cloud, Fate};
use super::cockpit::typed;
use super::journey::Journey;

const INDIA: &str = "IST-5:30";
const HAWAII: &str = "HST10";
const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

fn zone(rule: &str) -> Event {
    Event::Zone(Zone::from(TimeZone::posix(rule).unwrap()))
}

fn ready() -> Cloud {
    Cloud {
        hash_allowed: true,
        ..Cloud::default()
    }
}

#[test]
fn an_app_was_made_on_the_day_it_was_here() {
    let mut journey = Journey::signed_in(ready());
    journey.press("<right>").sees("2026-11-21");
    for (rule, day, moment) in [
        (HAWAII, "2026-11-20", "2026-11-20 23:00:00 HST"),
        (INDIA, "2026-11-21", "2026-11-21 14:30:00 IST"),
        ("<+14>-15", "2026-11-22", "2026-11-22 00:00:00 +15:00"),
    ] {
        journey.event(zone(rule));
        let wide = journey.frame_at(120, 30);
        assert!(wide.contains(moment), "{moment}:\n{wide}");
        let narrow = journey.frame_at(80, 24);
        assert!(narrow.contains(day), "{day}:\n{narrow}");
    }
}

#[test]
fn an_instance_that_is_found_was_made_at_a_time_here() {
    let mut journey = at_review(Cloud {
        commit: Fate::Lost,
        ..ready()
    });
    journey.event(zone(INDIA));
    journey.press("<enter><right><enter>").wait(20);
    journey.sees("FOUND").sees("2026-11-21 15:30:00 IST");
}

#[test]
fn a_handshake_was_and_a_certificate_is_good_until_a_time_here() {
    let mut cloud = ready();
    cloud.cockpit.reached = Ok(Reached {
        status: 200,
        millis: 31,
        certificate: Some(Certificate {
            subject: "*.example".into(),
            issuer: "R11".into(),
            until: "2027-01-31T23:59:59Z".into(),
        }),
    });
    if let Ok(told) = &mut cloud.cockpit.network {
        told.handshake = Some("2026-11-21T20:00:00Z".into());
    }
    let mut journey = typed(cloud);
    journey.cloud.boots_well();
    journey.wait(10).sees("Running");
    journey.event(zone(INDIA));
    journey
        .press("<right><right><right>c")
        .sees("2026-11-22 01:30:00 IST")
        .sees("good until 2027-02-01 05:29:59 IST");
}

#[test]
fn times_beside_the_lines_of_a_log_are_local_and_what_is_handed_on_is_not() {
    let mut cloud = ready();
    let line = |at: &str, text: &str| LogLine {
        at: Some(at.into()),
        is_error: false,
        text: text.into(),
    };
    let night = vec![
        line("not a time", "no time"),
        line("2026-10-25T00:30:00Z", "before"),
        line("2026-10-25T01:30:00Z", "an hour later"),
    ];
    cloud.cockpit.logs.insert(LogSource::Serial, night);
    let mut journey = typed(cloud);
    journey.event(zone(BERLIN));
    journey.press("L").does_not_see("02:30:00").press("t");
    journey
        .sees("02:30:00 CEST before")
        .sees("02:30:00 an hour later")
        .sees("not a time no time")
        .sees("kept, times in CET");
    journey.press("wv");
    let handed: Vec<&str> = journey
        .asked
        .iter()
        .filter_map(|request| match request {
            Request::SaveLog { text, .. } | Request::ShowPaged(text) => Some(text.expose()),
            _ => None,
        })
        .collect();
    let kept =
        "not a time no time\n2026-10-25T00:30:00Z before\n2026-10-25T01:30:00Z an hour later\n";
    assert_eq!(handed, [kept, kept]);
}

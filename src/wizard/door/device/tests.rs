//! When a login is asked for, and how it ends.

use super::*;
use crate::api::error::Refusal;

fn device(interval: u64, expires_in: u64) -> Device {
    let code = DeviceCode {
        code: Secret::new("canary-device-code"),
        user_code: "WXKD-4471".into(),
        page: "https://cloud.example/device".into(),
        page_with_code: Some("https://cloud.example/device?code=WXKD-4471".into()),
        expires_in,
        interval,
    };
    Device::new(code, 100)
}

fn code() -> Move {
    Move::Ask(Secret::new("canary-device-code"))
}

fn error(kind: ErrorKind) -> Error {
    Error {
        asked: "POST /auth/device/token".into(),
        tries: 1,
        kind,
    }
}

fn offline() -> Error {
    error(ErrorKind::Unreachable(
        Unreachable::Connect,
        "refused".into(),
    ))
}

/// The second at which it is asked next, from `now` on.
fn asked_at(device: &mut Device, now: u64) -> u64 {
    let mut at = (now..now + 1000).filter(|at| device.tick(*at) == code());
    at.next().expect("it is asked")
}

#[test]
fn the_interval_passes_before_the_first_question_and_between_two() {
    let mut device = device(5, 600);
    assert_eq!(asked_at(&mut device, 100), 106, "at least five seconds");
    assert_eq!(device.tick(120), Move::Wait, "one question at a time");
    assert_eq!(device.polled(Ok(Approval::Pending)), Move::Wait);
    assert_eq!(asked_at(&mut device, 120), 126);
}

#[test]
fn slow_down_is_for_good() {
    let mut device = device(5, 600);
    assert_eq!(asked_at(&mut device, 100), 106);
    device.polled(Ok(Approval::SlowDown));
    assert_eq!(asked_at(&mut device, 106), 117);
    device.polled(Ok(Approval::Pending));
    assert_eq!(asked_at(&mut device, 117), 128, "ten seconds stay ten");
    device.polled(Ok(Approval::SlowDown));
    assert_eq!(asked_at(&mut device, 128), 144);
}

#[test]
fn every_end_has_its_own_words() {
    for (answer, ending) in [
        (Ok(Approval::Denied), Ending::Denied),
        (Ok(Approval::Expired), Ending::Expired(None)),
        (Ok(Approval::Ended("no".into())), Ending::Ended("no".into())),
    ] {
        let mut device = device(5, 600);
        asked_at(&mut device, 100);
        assert_eq!(device.polled(answer), Move::Over(ending.clone()));
        let words: Vec<String> = ending.lines().iter().map(Line::words).collect();
        assert!(words[0].ends_with('.'), "{words:?}");
    }
    let mut device = device(5, 600);
    let token = Secret::new("phak_token");
    let approved = device.polled(Ok(Approval::Token(token.clone())));
    assert_eq!(approved, Move::Enter(token));
}

#[test]
fn a_code_that_nobody_approves_expires_by_the_clock() {
    let mut device = device(5, 30);
    assert_eq!(device.left(), 30);
    asked_at(&mut device, 100);
    device.polled(Err(offline()));
    assert_eq!(device.left(), 24);
    let over = device.tick(130);
    assert_eq!(over, Move::Over(Ending::Expired(Some(offline()))));
}

#[test]
fn trouble_on_the_way_is_told_and_tried_again_until_the_code_expires() {
    let busy = Refusal {
        status: 503,
        retry_after: Some(20),
        ..Refusal::default()
    };
    let proxy = Refusal {
        status: 403,
        foreign: true,
        ..Refusal::default()
    };
    for (trouble, pause) in [
        (offline(), 5),
        (error(ErrorKind::Refused(busy)), 20),
        (error(ErrorKind::Refused(proxy)), 5),
    ] {
        let mut device = device(5, 600);
        let at = asked_at(&mut device, 100);
        assert_eq!(device.polled(Err(trouble.clone())), Move::Wait);
        let Block::Text(lines) = &device.page().main[0] else {
            panic!("text");
        };
        let words: Vec<String> = lines.iter().map(Line::words).collect();
        assert!(words.join("\n").contains(&trouble.to_string()), "{words:?}");
        assert_eq!(asked_at(&mut device, at), at + pause + 1);
        device.polled(Ok(Approval::Pending));
        assert_eq!(device.trouble(), None, "it is over");
    }
}

#[test]
fn a_definite_no_in_the_service_s_words_ends_it() {
    let no = Refusal {
        status: 400,
        code: Some("ERR-00-001".into()),
        ..Refusal::default()
    };
    let no = error(ErrorKind::Refused(no));
    let mut device = device(5, 600);
    asked_at(&mut device, 100);
    let over = device.polled(Err(no.clone()));
    assert_eq!(over, Move::Over(Ending::Failed(no)));
}

#[test]
fn the_page_shows_the_code_and_never_the_secret() {
    let device = device(5, 600);
    let page = device.page();
    let Block::Text(lines) = &page.main[0] else {
        panic!("text");
    };
    let words: Vec<String> = lines.iter().map(Line::words).collect();
    let words = words.join("\n");
    assert!(words.contains("W X K D - 4 4 7 1"), "{words}");
    assert!(words.contains("good for 10:00"), "{words}");
    assert!(!format!("{words}{device:?}").contains("canary"));
}

//! Every member of every answer, one at a time: null, not there, or full of control bytes.
//!
//! Which members there are is read from the answers of a twin of the world, so a new one is met the day it appears.

use std::collections::BTreeSet;
use std::env;
use std::time::Duration;

use phala_wizard::sandbox::{Options, Request, Scenario, World};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::cell::{Cell, KEY, Ran};
use crate::faults::{Fault, Leaves};
use crate::judge;
use crate::questions::{QUESTIONS, Question, Story};
use crate::run_all;
use crate::tap::Sent;

/// What is done to a member.
const HOW: [&str; 3] = ["null", "absent", "taint"];

#[test]
fn whatever_member_of_an_answer_is_spoilt_the_end_is_true() {
    let wanted = env::var("MATRIX").unwrap_or_default();
    let runtime = Runtime::new().unwrap();
    // Asked once more in a story of its own, with the same members.
    let questions = QUESTIONS.iter().filter(|question| {
        question.also.is_empty()
            && !question.only.contains("calls")
            && question.story != Story::Later
    });
    let cells: Vec<Cell> = questions
        .flat_map(|question| {
            let ran = Cell::new(question, &Fault::NONE, true).run(&runtime);
            let members = members_of(question, &ran);
            assert!(!members.is_empty(), "{}", question.name);
            let spoilt = members
                .into_iter()
                .flat_map(|name| HOW.map(|how| spoils(&name, how)));
            spoilt.map(move |fault| Cell::new(question, fault, true))
        })
        .enumerate()
        .filter(|(number, cell)| match wanted.as_str() {
            "" => number % 12 == 0,
            "all" => true,
            one => cell.name().starts_with(one),
        })
        .map(|(_, cell)| cell)
        .collect();
    let over = run_all(&cells);
    let wrong: Vec<String> = over
        .iter()
        .filter_map(|(cell, ran)| {
            let why = judge::holds_anywhere(ran).err()?;
            Some(format!("{}: {why}\n{ran}", cell.name()))
        })
        .collect();
    eprintln!("{} members spoilt, {} wrong", over.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A fault of this member alone.
fn spoils(name: &str, how: &str) -> &'static Fault {
    Box::leak(Box::new(Fault {
        name: format!("{how} {name}").leak(),
        text: format!("{how} = ['{name}']").leak(),
        status: None,
        leaves: Leaves::Answer,
    }))
}

/// The names of all members in the answers to this question, as a twin of the world gives them.
fn members_of(question: &Question, ran: &Ran) -> BTreeSet<String> {
    let story = format!("sentence = ''\n{}", question.world());
    let options = Options {
        seed: 1,
        api_key: KEY.to_owned(),
        base_url: "http://127.0.0.1:1/api/v1".to_owned(),
    };
    let mut world = World::new(Scenario::parse("twin", &story).unwrap(), options);
    let mut names = BTreeSet::new();
    for (second, sent) in ran.sent.iter().enumerate() {
        let now = Duration::from_secs(60 * second as u64);
        let reply = world.answer(now, &request(sent));
        if question.is(sent) {
            let answer = serde_json::from_slice(&reply.body).unwrap_or_default();
            collect(&answer, &mut names);
        }
    }
    if question.name == "state" {
        // It streams, and a stream has no body yet; these are the members of its messages.
        let told = [
            "status",
            "boot_progress",
            "boot_error",
            "instance_id",
            "uptime",
            "id",
        ];
        names.extend(told.map(str::to_owned));
    }
    names
}

fn request(sent: &Sent) -> Request {
    let (path, query) = sent.target.split_once('?').unwrap_or((&sent.target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Request {
        method: sent.method.clone(),
        path: path.to_owned(),
        query: pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        headers: sent.headers.clone(),
        body: sent.body.clone(),
    }
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => {
            for (name, member) in members {
                // A member may be named by what a person wrote, such as a variable.
                if !name.contains(['\'', '\n']) {
                    into.insert(name.clone());
                }
                if let ("field", Value::String(field)) = (name.as_str(), member) {
                    into.insert(field.clone());
                }
                collect(member, into);
            }
        }
        _ => (),
    }
}

//! `list` and `forget`: the deployments of this machine that are not done.

use serde_json::{Value, json};

use super::Report;
use crate::journal::found::{Found, LockState, Unfinished};

/// Every unfinished deployment, a line each, and what had to be set aside. All is well where nothing is set aside.
pub fn report(unfinished: &Unfinished) -> Report {
    let mut lines: Vec<String> = unfinished.found.iter().flat_map(words).collect();
    if lines.is_empty() {
        lines.push("nothing is unfinished on this machine".to_owned());
    }
    for aside in &unfinished.set_aside {
        lines.push(format!("set aside  {}: {}", aside.name, aside.why));
    }
    Report {
        json: json!({
            "unfinished": unfinished.found.iter().map(object).collect::<Vec<_>>(),
            "set_aside": unfinished
                .set_aside
                .iter()
                .map(|aside| json!({ "file": aside.name.as_str(), "why": aside.why.to_string() }))
                .collect::<Vec<_>>(),
        }),
        lines,
        is_good: unfinished.set_aside.is_empty(),
    }
}

fn words(found: &Found) -> [String; 2] {
    let state = &found.state;
    let intent = state.intent();
    let node = intent.facts.node.as_ref();
    let node = node.map_or("-", |node| node.name.as_str());
    let open = match found.lock {
        LockState::Free => String::new(),
        LockState::Taken(None) => "   open in another wizard".to_owned(),
        LockState::Taken(Some(holder)) => format!("   open in pid {}", holder.pid),
    };
    [
        format!(
            "{}  {:<18} {node:<8} {}{open}",
            state.id(),
            intent.plan.app_name,
            state.standing()
        ),
        format!("  next: {}", state.way_on()),
    ]
}

fn object(found: &Found) -> Value {
    let state = &found.state;
    let intent = state.intent();
    json!({
        "id": state.id().to_string(),
        "app_id": (!state.lacks_contract()).then(|| state.app().to_string()),
        "app": intent.plan.app_name.as_str(),
        "service": intent.facts.api_base.as_str(),
        "node": intent.facts.node.as_ref().map(|node| node.name.as_str()),
        "standing": state.standing(),
        "next": state.way_on(),
        "commits_sent": state.sends(),
        "uuid": state.uuid().map(ToString::to_string),
        "last_written": state.last().unix,
        "open_in_pid": match found.lock {
            LockState::Taken(Some(holder)) => Some(holder.pid),
            _ => None,
        },
    })
}

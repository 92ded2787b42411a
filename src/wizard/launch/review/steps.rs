//! What the deployment will do, in order, for the plan.

use crate::wizard::launch::brief::Brief;
use crate::wizard::page::{Line, title};

/// A line for each step, with what it means.
pub(super) fn lines(brief: &Brief) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.push(title("What it will do, in order"));
    let mut letters = 'a'..;
    let mut step = |what: &str, why: &str| {
        let letter = letters.next().unwrap_or('-');
        lines.push(
            Line::new()
                .accent(format!("  {letter}  "))
                .plain(format!("{what:<27}"))
                .dim(why),
        );
    };
    if brief.plan.is_new_app() {
        step("have the app provisioned", "free, creates nothing");
        step("compare its compose hash", "another one stops it");
        if !brief.seal.is_empty() {
            step("encrypt the values here", "to the key it names");
        }
    }
    if brief.on_chain {
        let several = brief.several.is_some();
        let why = if several {
            "on each node, for free"
        } else {
            "free, creates nothing"
        };
        step("ask the service to prepare", why);
        let why = if several {
            "once, with all machines"
        } else {
            "by the contract's owner"
        };
        step("have the hash registered", why);
    }
    step("ask you once more", "the only confirmation");
    step(
        if brief.several.is_some() {
            "create them one by one"
        } else if brief.plan.is_new_app() {
            "create app and instance"
        } else {
            "create the instance"
        },
        "billing starts",
    );
    step(
        if brief.several.is_some() {
            "watch them boot"
        } else {
            "watch it boot"
        },
        "1 to 25 minutes",
    );
    lines
}

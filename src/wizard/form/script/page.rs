//! How step 5 looks: the sources, what the checks say, and what an own script switches off.

use super::{ScriptStep, live, live_script};
use crate::check::compose::counts;
use crate::check::{Finding, MAX_COMBINED_BYTES};
use crate::wizard::facts::Facts;
use crate::wizard::form::compose::page::{
    coloured, folded, numbered, remark, short, verdict, wrong,
};
use crate::wizard::form::source::size_words;
use crate::wizard::keymap::{Command, hint};
use crate::wizard::menu::Choice;
use crate::wizard::page::{Block, Line, Mark, Page, counted, points, title};
use crate::wizard::plan::bytes;
use crate::wizard::trouble;

/// The sources, and what there is to say about the chosen one.
pub(super) fn menu<'a>(step: &'a ScriptStep, facts: &'a Facts) -> Page<'a> {
    let mut lines = vec![
        title("Script that runs in the machine before your containers"),
        Line::new(),
    ];
    lines.extend(
        step.source
            .menu()
            .ticked(&choices(step, facts), step.source.source() as usize),
    );
    lines.push(Line::new());
    let checked = &step.checked;
    let (errors, remarks) = counts(&checked.findings);
    let note = match (step.text(), errors) {
        (None, _) => {
            lines.extend(kept(facts));
            Line::new().dim("Most people leave this step as it is.")
        }
        (Some(text), 1..) => {
            lines.extend(wrong(text, &checked.findings));
            Line::from(format!(
                "3 edits it here, {} in your editor, {} picks another file, 1 keeps the app's.",
                hint(Command::Edit),
                hint(Command::Files),
            ))
        }
        (Some(text), 0) => {
            lines.extend(good(step, text));
            Line::new().dim(match remarks + checked.lost.len() {
                0 => "It goes out byte for byte.".to_owned(),
                count => format!("{}; none of them stops you.", counted(count, "remark")),
            })
        }
    };
    lines.extend(lost(&checked.lost));
    Page {
        main: vec![Block::Text(lines)],
        side: beside(step),
        note,
    }
}

/// All of the difference, or of the live script where nothing is compared.
pub(super) fn whole(step: &ScriptStep) -> Page<'_> {
    let checked = &step.checked;
    let script = checked
        .live
        .as_ref()
        .and_then(|document| document.script.as_deref());
    let mut lines = Vec::new();
    match (&checked.difference, script) {
        (Some(difference), _) => {
            lines.push(title("From the live script to yours"));
            lines.push(verdict(difference));
            lines.extend(difference.lines.iter().map(numbered));
        }
        (None, Some(script)) => {
            lines.push(title("The live script"));
            lines.push(Line::new());
            lines.extend(coloured(script, &checked.spans));
        }
        (None, None) => lines.push(Line::from("The live script is not known.")),
    }
    Page {
        main: vec![Block::Text(lines)],
        ..Page::default()
    }
}

fn choices(step: &ScriptStep, facts: &Facts) -> [Choice; 4] {
    if facts.is_new_app() {
        return step
            .source
            .choices("the service's own", "what most apps have".to_owned());
    }
    let keep = match live_script(facts) {
        Some(script) => size_words(script),
        None => "the platform's default, or what the app was given".into(),
    };
    step.source.choices("keep the app's script", keep)
}

/// What keeping means.
fn kept(facts: &Facts) -> Vec<Line> {
    if facts.is_new_app() {
        return vec![
            Line::from(
                "The service adds its own script, which signs in to private registries and sets up SSH keys.",
            ),
            Line::new(),
            Line::new().mark(Mark::Dot).dim(
                "Its text is not known here before. So with it the compose hash cannot be computed before the service \
                 names it; with one of yours, one line will do, it can.",
            ),
        ];
    }
    let known = match (live(facts), live_script(facts)) {
        (Some(_), Some(script)) => Line::pair("live", 6, size_words(script))
            .dim(format!("   {} shows it", hint(Command::Difference))),
        (Some(_), None) => Line::pair(
            "live",
            6,
            "the service names no script of the live revision",
        ),
        (None, _) => match facts.app.as_ref().and_then(|about| about.document.error()) {
            Some(error) => trouble::brief(error),
            None => Line::new().dim("The live script is being read."),
        },
    };
    vec![
        known,
        Line::new(),
        Line::from(
            "The service keeps the app's script unless another one is sent. If the app never had its own, that is the \
             platform's default, which signs in to private registries and sets up SSH keys.",
        ),
    ]
}

fn good(step: &ScriptStep, text: &str) -> Vec<Line> {
    let ok = |what: String| Line::new().mark(Mark::Ok).plain(what);
    let mut lines = vec![
        Line::pair("text", 6, size_words(text)),
        Line::new(),
        ok("no syntax error".into()),
        ok(format!(
            "size with compose file {} of {}",
            bytes(text.len() + step.checked.compose_len),
            bytes(MAX_COMBINED_BYTES)
        )),
    ];
    if !step.checked.values.is_empty() {
        lines.push(ok("no value of your variables stands in it".into()));
    }
    lines.extend(step.checked.findings.iter().flat_map(remark));
    lines
}

fn lost(findings: &[Finding]) -> Vec<Line> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        Line::new(),
        Line::new().warn("Your script alone does not do what the default one does:"),
    ];
    lines.extend(findings.iter().flat_map(remark));
    lines
}

fn beside(step: &ScriptStep) -> Vec<Line> {
    let mut lines = vec![title("Good to know")];
    lines.extend(points(&[
        "The script is part of the compose hash: one changed byte, a new hash.",
        "Others can read it. Put no secret in it.",
        "It runs after the container engine started: containers with a restart policy may be up already. It is no gate.",
        "A script that fails stops the boot at 'pre-launch'.",
    ]));
    if let Some(difference) = &step.checked.difference {
        lines.push(Line::new());
        lines.push(title("Against the live script"));
        lines.push(verdict(difference));
        lines.extend(folded(difference.lines.iter().map(short)));
    }
    lines
}

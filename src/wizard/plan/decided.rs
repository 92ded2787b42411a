//! Every answer of a plan in a line: its value, where it came from, and the step that changes it.

use super::bytes;
use crate::api::types::{KmsKind, Plan};
use crate::wizard::answers::{Origin, Question};
use crate::wizard::form::app::kms_words;
use crate::wizard::form::env::EnvPlan;
use crate::wizard::form::node::{needed, size_words};
use crate::wizard::form::{Form, Step};
use crate::wizard::launch::brief::Decided;
use crate::wizard::page::counted;

/// Where an answer comes from that a person gave.
const YOU: &str = "you chose";

/// Where an answer comes from that is the app's own.
const AS_OTHERS: &str = "as others";

/// The answers, in the order of the steps. `to_seal` values are to be encrypted, where there are any.
pub(super) fn answers(form: &Form, plan: &Plan, to_seal: Option<usize>) -> Vec<Decided> {
    let mut rows = Rows {
        form,
        plan,
        told: Vec::new(),
    };
    rows.app();
    rows.place();
    rows.texts(to_seal);
    rows.told
}

struct Rows<'a> {
    form: &'a Form,
    plan: &'a Plan,
    told: Vec<Decided>,
}

impl Rows<'_> {
    fn add(&mut self, label: &'static str, value: String, source: &str, step: Step) {
        self.told.push(Decided {
            label,
            value,
            source: source.to_owned(),
            step: u8::try_from(step.index() + 1).unwrap_or(1),
        });
    }

    /// Where that comes from which a new app has no others to take from.
    fn others(&self) -> &'static str {
        if self.plan.is_new_app() {
            YOU
        } else {
            AS_OTHERS
        }
    }

    fn app(&mut self) {
        let (form, plan) = (self.form, self.plan);
        let (label, source) = if plan.is_new_app() {
            ("New app", "your name, the next id")
        } else {
            ("App", form.source(Question::App).unwrap_or(YOU))
        };
        let value = format!("{} {}", plan.name, plan.app.short());
        self.add(label, value, source, Step::App);
        let Some(about) = &form.facts.app else {
            return;
        };
        if let Some(hash) = about.revision {
            let source = match form.source(Question::Revision) {
                _ if about.revisions().len() <= 1 => "only one",
                Some(source) => source,
                None => YOU,
            };
            self.add("Revision", hash.short(), source, Step::App);
        }
        let keys = match (&about.app.kms, about.is_on_chain()) {
            (KmsKind::Unknown(word), false) => format!("{word}: unknown kind, may create at once"),
            (kms, true) => format!("{}, by its contract", kms_words(kms)),
            (kms, false) => format!("{}, no contract", kms_words(kms)),
        };
        self.add("Keys", keys, self.others(), Step::App);
    }

    fn place(&mut self) {
        let form = self.form;
        let nodes = form.node.nodes(&form.facts);
        let (label, node) = match nodes[..] {
            [] => ("Node", "the service chooses".to_owned()),
            [node] => match &node.region {
                Some(region) => ("Node", format!("{}, {region}", node.name)),
                None => ("Node", node.name.to_string()),
            },
            ref several => {
                let names: Vec<&str> = several.iter().map(|node| node.name.as_str()).collect();
                ("Nodes", names.join(", "))
            }
        };
        let source = form.source(Question::Node).unwrap_or(YOU);
        self.add(label, node, source, Step::Node);
        if let Some(size) = needed(form.facts.app.as_ref()) {
            let step = if self.plan.is_new_app() {
                Step::App
            } else {
                Step::Node
            };
            self.add("Size", size_words(size), self.others(), step);
        }
    }

    fn texts(&mut self, to_seal: Option<usize>) {
        let (form, plan) = (self.form, self.plan);
        let compose = match &plan.compose {
            Some(text) => format!("new, {}", bytes(text.len())),
            None => "keep the live one".into(),
        };
        self.text("Compose", compose, form.compose.source(), Question::Compose);
        let env = match (to_seal, &plan.env) {
            (Some(count), _) if plan.is_new_app() => {
                let values = counted(count, "value");
                format!("{values}, encrypted once its key is known")
            }
            (Some(count), _) => format!("{count} values, encrypted here"),
            (None, None) if plan.is_new_app() => "none".into(),
            (None, Some(blob)) => format!("a ready blob, {}", bytes(blob.len() / 2)),
            (None, None) => "inherit".into(),
        };
        let source = match form.env.plan() {
            EnvPlan::Inherit => self.others().to_owned(),
            EnvPlan::Seal(_) | EnvPlan::Ready(_) => form.env.source(),
        };
        self.text("Variables", env, source, Question::Values);
        let script = match &plan.script {
            Some(text) => format!("own, {}", bytes(text.len())),
            None if plan.is_new_app() => "the service's own".into(),
            None => "keep".into(),
        };
        let source = match plan.script {
            Some(_) => form.script.source(),
            None => self.others().to_owned(),
        };
        self.text("Script", script, source, Question::Script);
    }

    /// What is kept needs no path, and what came from a file says which.
    fn text(&mut self, label: &'static str, value: String, own: String, question: Question) {
        let given = self.form.source(question);
        let given = given.filter(|source| *source != Origin::Usual.word(question));
        let (value, source) = match (given, own == AS_OTHERS) {
            (Some(source), true) => (value, source.to_owned()),
            (Some(source), false) => (format!("{value} ({source})"), own),
            (None, _) => (value, own),
        };
        self.add(label, value, &source, question.step());
    }
}

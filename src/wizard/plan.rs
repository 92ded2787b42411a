//! The border between the form and the launch: answers become a plan, or the first reason why they cannot.

mod decided;

use std::sync::Arc;

use super::facts::{AppFacts, Session};
use super::form::env::EnvPlan;
use super::form::node::{Place, cost_lines, needed, quota_lines, size_words};
use super::form::{Form, Step};
use super::launch::brief::{Brief, Run};
use super::launch::review::ToSeal;
use super::launch::several::Several;
use super::page::{Line, Mark};
use crate::api::types::{Instance, KmsChain, Making, NewApp, Plan, Ticket};
use crate::secret::Secret;
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::trust::compose_hash::Foretold;
use decided::answers;

/// Everything the launch needs, and the values still to be encrypted.
pub fn review(form: &Form) -> Result<(Brief, ToSeal), (Step, String)> {
    for step in Step::ALL {
        if let Some(problem) = form.problem(step) {
            return Err((step, problem));
        }
    }
    let about = form
        .app
        .taken()
        .and_then(|id| form.facts.about(id))
        .ok_or_else(|| (Step::App, "choose an app".to_owned()))?;
    let session = form
        .facts
        .session
        .as_ref()
        .ok_or_else(|| (Step::App, "sign in first".to_owned()))?;
    let (env, to_seal) = match form.env.plan() {
        // The key of an app that does not exist yet comes with its provision.
        EnvPlan::Inherit | EnvPlan::Seal(_) if about.new.is_some() => (None, None),
        EnvPlan::Inherit => (None, None),
        EnvPlan::Ready(blob) => (Some(blob), None),
        EnvPlan::Seal(entries) => {
            let key = about.env_key.get().ok_or_else(|| {
                (
                    Step::Env,
                    "the app's encryption key is not known, so nothing can be encrypted".to_owned(),
                )
            })?;
            (None, Some((key.public_key.as_str().to_owned(), entries)))
        }
    };
    let nodes = form.node.to_prepare(&form.facts);
    let plan = Plan {
        app: about.app.id,
        name: about.app.name.clone(),
        node: match (form.node.taken(), nodes.first()) {
            (Some(Place::On(_)), Some(first)) => Some(first.id),
            (Some(Place::On(node)), None) => Some(node),
            (Some(Place::Anywhere) | None, _) => None,
        },
        revision: about.revision.filter(|_| about.revisions().len() > 1),
        compose: form.compose.text().map(ToString::to_string),
        env,
        script: form.script.text().map(ToString::to_string),
        making: making(about, form),
    };
    let seal = match about.new {
        Some(_) => form.env.given(),
        None => Vec::new(),
    };
    let mut remarks: Vec<Line> = form.node.remark(&form.facts).into_iter().collect();
    remarks.extend(form.compose.remarks());
    remarks.extend(form.env.remarks(&form.facts, &form.compose));
    remarks.extend(form.script.remarks(&form.facts, &form.compose, &form.env));
    if plan.is_new_app() {
        remarks.extend(of_a_new_app(!seal.is_empty(), plan.kms_chain()));
    }
    let size = needed(Some(about));
    let count = form.node.count(&form.facts);
    let mut cost = cost_lines(&form.facts, count);
    cost.extend(quota_lines(&form.facts, count));
    let brief = Brief {
        on_chain: about.is_on_chain(),
        allowlist: about.allowlist.get().cloned(),
        several: Several::over(nodes.clone()),
        node: nodes.into_iter().next(),
        before: Instance::uuids(about.instances()),
        size: size.map(size_words).unwrap_or_default(),
        price: size.and_then(super::form::app::price_words),
        answers: answers(
            form,
            &plan,
            match seal.len() {
                0 => to_seal.as_ref().map(|(_, entries)| entries.len()),
                count => Some(count),
            },
        ),
        remarks,
        cost,
        paths: [form.compose.path(), form.env.path(), form.script.path()],
        files: form.files(),
        run: Run::This,
        live: about.document.get().map(Arc::clone),
        kms_keys: about.kms_keys.get().cloned(),
        elsewhere: session.elsewhere.clone(),
        foretold: foretold(about, &plan),
        unanswered: false,
        accepted: None,
        transaction: form.transaction(),
        registering: session.registering.clone(),
        env_names: form.env.names(),
        seal,
        mask: Mask::new(form.env.given().into_iter().map(|(_, value)| value)),
        workspace: workspace(session),
        base: session.base.clone(),
        host: session.host.clone(),
        key_tail: session.key.tail.clone(),
        sandbox: session.sandbox.is_some(),
        plan,
    };
    Ok((brief, to_seal))
}

/// What it takes to redeem a token that was handed out before, or why it cannot be.
pub fn redeem(form: &Form, token: Secret) -> Result<(Brief, Ticket), String> {
    let about = form.app.taken().and_then(|id| form.facts.about(id));
    let (Some(about), Some(session), Some(before)) =
        (about, form.facts.session.as_ref(), form.prepared())
    else {
        return Err("sign in and choose an app first".to_owned());
    };
    let brief = Brief {
        plan: Plan {
            app: about.app.id,
            name: about.app.name.clone(),
            node: None,
            revision: None,
            compose: None,
            env: None,
            script: None,
            making: Making::Instance,
        },
        on_chain: true,
        allowlist: about.allowlist.get().cloned(),
        node: None,
        several: Several::default(),
        before: Instance::uuids(about.instances()),
        size: String::new(),
        price: None,
        answers: Vec::new(),
        remarks: Vec::new(),
        cost: Vec::new(),
        paths: [None, None, None],
        files: Vec::new(),
        run: Run::This,
        live: None,
        kms_keys: about.kms_keys.get().cloned(),
        elsewhere: session.elsewhere.clone(),
        foretold: Err("it was prepared before".to_owned()),
        unanswered: false,
        accepted: None,
        transaction: form.transaction(),
        registering: session.registering.clone(),
        env_names: Vec::new(),
        seal: Vec::new(),
        mask: Mask::default(),
        workspace: workspace(session),
        base: session.base.clone(),
        host: session.host.clone(),
        key_tail: session.key.tail.clone(),
        sandbox: session.sandbox.is_some(),
    };
    let ticket = Ticket {
        token,
        compose_hash: before.hash,
        app: Some(about.app.id),
        device: None,
        chain_id: None,
        // The service looks at the contract itself before it redeems a token.
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: None,
    };
    Ok((brief, ticket))
}

/// What comes of it.
fn making(about: &AppFacts, form: &Form) -> Making {
    let Some(founding) = &about.new else {
        return Making::Instance;
    };
    let size = founding.size.kind.as_ref();
    Making::App(Box::new(NewApp {
        keeper: founding.keeper,
        size: size.map(ToString::to_string).unwrap_or_default(),
        disk_gb: founding.disk_gb,
        env_names: form.env.names(),
    }))
}

/// What is to know about every new app.
fn of_a_new_app(has_values: bool, chain: Option<KmsChain>) -> Vec<Line> {
    let dot = |text: &str| Line::new().mark(Mark::Dot).plain(text);
    let mut lines = vec![dot(
        "its logs and system figures can be read by whoever knows its address, as is usual here",
    )];
    match (has_values, chain) {
        (true, None) => lines.push(dot(
            "the values are encrypted here once the service has named the app's key; nobody else vouches for that key",
        )),
        (true, Some(_)) => lines.push(dot(
            "the values are encrypted here once the app has a key, which the KMS has to have signed",
        )),
        (false, _) => (),
    }
    if let Some(chain) = chain {
        lines.push(dot(&format!(
            "its contract is deployed on {} first: whoever signs pays the fee of that transaction",
            chain.name()
        )));
    }
    lines
}

fn workspace(session: &Session) -> Option<Shown> {
    Some(session.identity.workspace.clone()).filter(|name| !name.is_empty())
}

/// The compose hashes that the service may name for this plan.
fn foretold(about: &AppFacts, plan: &Plan) -> Result<Foretold, String> {
    if let Some(app) = plan.new_app() {
        return match plan.script {
            Some(_) => Foretold::anew(&app.document(plan)).map_err(|why| why.to_string()),
            None => Err(OTHERS_SCRIPT.to_owned()),
        };
    }
    let document = about
        .document
        .get()
        .ok_or("the live document was not read")?;
    let known = about.revision.ok_or("no live compose hash is known")?;
    let stored = document
        .stored
        .as_ref()
        .ok_or("the service tells no whole document")?;
    let parts = (plan.compose.as_deref(), plan.script.as_deref());
    Foretold::of(stored, known.bytes(), parts).map_err(|why| why.to_string())
}

/// Why the hash of a new app without a script of its own is not known before the service names it.
const OTHERS_SCRIPT: &str =
    "the service puts a script of its own into it; with one of yours (step 5) it can be";

/// A number of bytes for people. KB, MB and GB are what the service means by them, here as everywhere: of its memory,
/// 4096 MB are 4 GB, so each is 1024 of the one before.
pub fn bytes(count: impl TryInto<u64>) -> Shown {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let count = count.try_into().unwrap_or(u64::MAX);
    if count < 1024 {
        return Shown::line(&format!("{count} B"));
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let unit = UNITS[unit];
    Shown::line(&match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    })
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_size_has_one_meaning_and_the_memory_of_the_service_is_told_in_it() {
        let of_the_service = |mb: u64| bytes(mb << 20).to_string();
        assert_eq!(of_the_service(4096), "4 GB");
        assert_eq!(of_the_service(1536), "1.5 GB");
        for (count, words) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KB"),
            (204_800, "200 KB"),
            (1_048_575, "1023.9 KB"),
            (1_048_576, "1 MB"),
            (u64::MAX, "16777215.9 TB"),
        ] {
            assert_eq!(bytes(count).as_str(), words);
        }
    }
}

//! From the bytes of an answer to our types, looser than any official client.
//!
//! Nulls, missing and unknown fields, numbers as text and odd members of lists never fail an answer: they become
//! `None` or are skipped. Only an answer of another kind, or one without what makes it useful, is [`Unreadable`].
//! Texts become safe to show here, and ids are checked here; nothing past this border has to think of either.

mod cockpit;
mod device;
mod document;
mod instance;
pub(crate) mod look;
mod new_app;
mod refusal;
mod ticket;

use std::collections::HashSet;

use serde_json::Value;

use self::instance::instance;
use self::look::Look;
use super::types::{
    Allowlist, App, AppId, AppPage, ComposeHash, Created, DeviceId, EnvKeyAnswer, Identity,
    Instance, KmsKind, Node, NodeId, NodeList, Permission, Quota, Quotas, State,
};
use crate::shown::Shown;

pub use self::cockpit::{
    composition, container_log, found, network, operations, states, stats, vm_log,
};
pub use self::device::{device_code, device_refusal, device_token};
pub use self::document::{document, evidence};
pub use self::new_app::{next_app, sizes};
pub use self::refusal::{RefusalHead, refusal};
pub use self::ticket::{provision, ticket};

/// Why an answer is of no use: what could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// The JSON of an answer. Depth is bounded (128 levels), size is the reader's business.
pub fn json(bytes: &[u8]) -> Result<Value, Unreadable> {
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable("the answer is empty".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| Unreadable(format!("not JSON: {error}")))
}

/// `GET /auth/me` (5.1), today's shape or the flat one of 2025-10-28.
pub fn identity(value: &Value) -> Result<Identity, Unreadable> {
    let top = object(value)?;
    let (user, workspace, credits) = (top.at("user"), top.at("workspace"), top.at("credits"));
    Ok(Identity {
        user: line(user.at("username").or(top.at("username"))),
        workspace: line(workspace.at("name").or(top.at("team_name"))),
        slug: workspace.at("slug").line(),
        tier: workspace.at("tier").or(top.at("team_tier")).line(),
        balance: credits.at("balance").or(credits).line(),
        post_paid: credits.at("is_post_paid").is_true(),
    })
}

/// `GET /apps` (5.8). `asked` is the page that was asked for.
pub fn app_page(value: &Value, asked: u32) -> Result<AppPage, Unreadable> {
    let top = object(value)?;
    let apps: Vec<App> = top
        .at("dstack_apps")
        .or(top.at("apps"))
        .or(top.at("items"))
        .rows()
        .filter_map(|row| Some(app_row(row, app_id(row)?)))
        .collect();
    let page = count(top.at("page")).unwrap_or(asked);
    let total = count(top.at("total")).unwrap_or_else(|| u32::try_from(apps.len()).unwrap_or(0));
    let size = count(top.at("page_size")).filter(|size| *size > 0);
    let pages = count(top.at("total_pages"))
        .or(count(top.at("pages")))
        .or(size.map(|size| total.div_ceil(size)))
        .unwrap_or(page);
    Ok(AppPage {
        apps,
        page,
        pages,
        total,
    })
}

/// `GET /apps/{id}` (5.8). An answer about another app is refused.
pub fn app(value: &Value, asked: AppId) -> Result<App, Unreadable> {
    let top = object(value)?;
    match app_id(top) {
        Some(id) if id != asked => Err(Unreadable(format!(
            "app_id: asked about {asked}, answered about {id}"
        ))),
        _ => Ok(app_row(top, asked)),
    }
}

/// `GET /apps/{id}/cvms` (5.8): a bare list, or one inside a page.
pub fn instances(value: &Value) -> Result<Vec<Instance>, Unreadable> {
    let top = Look::new(value);
    let list = if top.is_list() {
        top
    } else {
        top.at("items").or(top.at("cvms"))
    };
    if !list.is_list() {
        return Err(Unreadable("expected a list".to_owned()));
    }
    Ok(list.rows().map(instance).collect())
}

/// `GET /teepods/available` (5.2).
pub fn nodes(value: &Value) -> Result<NodeList, Unreadable> {
    let nodes = object(value)?.at("nodes").rows().filter_map(node).collect();
    Ok(NodeList { nodes })
}

/// `GET /apps/{id}/device-allowlist` (5.8).
pub fn allowlist(value: &Value) -> Result<Allowlist, Unreadable> {
    let top = object(value)?;
    let device = |row: Look| {
        Some((
            row.at("device_id").read(DeviceId::parse)?,
            row.at("node_name").line(),
            row.at("allowed_onchain").is_true(),
        ))
    };
    Ok(Allowlist {
        on_chain: top.at("is_onchain_kms").is_true(),
        any_device: top.at("allow_any_device").is_true(),
        chain_id: top.at("chain_id").whole(),
        contract: top.at("app_contract_address").line(),
        devices: top.at("devices").rows().filter_map(device).collect(),
    })
}

/// `GET /workspaces/{slug}/quotas` (5.1). A limit without both of its numbers is left out.
pub fn quotas(value: &Value) -> Result<Quotas, Unreadable> {
    let quotas = object(value)?.at("quotas");
    let limits = ["vm_slots", "vcpu", "memory_mb", "disk_gb"]
        .into_iter()
        .filter_map(|name| {
            Some(Quota {
                name: Shown::line(name),
                limit: quotas.at(name).at("limit").number()?,
                remaining: quotas.at(name).at("remaining").number()?,
            })
        })
        .collect();
    Ok(Quotas { limits })
}

/// `GET /kms/{kms}/pubkey/{app_id}` (9.1).
pub fn env_key(value: &Value) -> Result<EnvKeyAnswer, Unreadable> {
    let top = object(value)?;
    Ok(EnvKeyAnswer {
        public_key: top
            .at("public_key")
            .line()
            .ok_or_else(|| missing("public_key"))?,
        signature: top.at("signature").line(),
    })
}

/// A new instance (6.6): `VM`, `CvmInfo`, or both in one. An object without any sign of an instance is not one.
pub fn created(value: &Value) -> Result<Created, Unreadable> {
    let top = object(value)?;
    let row = instance(top);
    let app = app_id(top);
    if row.uuid.is_none() && row.name.is_empty() && row.status.is_empty() && app.is_none() {
        return Err(missing("vm_uuid"));
    }
    Ok(Created {
        uuid: row.uuid,
        name: row.name,
        status: row.status,
        app,
        node: row.node,
        instance_id: row.instance_id,
    })
}

/// `POST /apps/{id}/is-allowed` (5.8). An answer about another hash is refused.
pub fn permission(value: &Value, asked: ComposeHash) -> Result<Permission, Unreadable> {
    let top = object(value)?;
    if let Some(hash) = top.at("compose_hash").read(ComposeHash::parse)
        && hash != asked
    {
        return Err(Unreadable(format!(
            "compose_hash: asked about {asked}, answered about {hash}"
        )));
    }
    Ok(Permission {
        hash: top.at("compose_hash_allowed").is_true(),
        device: top
            .at("allow_any_device")
            .truth()
            .filter(|any| *any)
            .or(top.at("device_id_allowed").truth()),
        all: top.at("is_allowed").is_true(),
        error: top.at("error").prose(),
    })
}

/// `GET /cvms/{id}/state` and the `state` events of its stream (8.1, 8.2).
pub fn state(value: &Value) -> Result<State, Unreadable> {
    let top = object(value)?;
    Ok(State {
        status: line(top.at("status")),
        boot_progress: top.at("boot_progress").prose(),
        boot_error: top.at("boot_error").prose(),
        instance_id: top.at("instance_id").line(),
        uptime: top.at("uptime").line(),
    })
}

fn object(value: &Value) -> Result<Look<'_>, Unreadable> {
    let top = Look::new(value);
    if top.is_object() {
        Ok(top)
    } else {
        Err(Unreadable("expected an object".to_owned()))
    }
}

fn missing(field: &str) -> Unreadable {
    Unreadable(format!("{field}: missing or not usable"))
}

fn line(look: Look) -> Shown {
    look.line().unwrap_or_default()
}

fn count(look: Look) -> Option<u32> {
    look.whole().map(|n| u32::try_from(n).unwrap_or(u32::MAX))
}

fn app_id(row: Look) -> Option<AppId> {
    row.at("app_id")
        .read(|text| AppId::parse(text.strip_prefix("app_").unwrap_or(text)))
}

fn app_row(row: Look, id: AppId) -> App {
    let mut known = HashSet::new();
    let cvms = row.at("current_cvm").rows().chain(row.at("cvms").rows());
    let instances: Vec<Instance> = cvms
        .map(instance)
        // The current one is listed among the others, too.
        .filter(|cvm| cvm.uuid.clone().is_none_or(|uuid| known.insert(uuid)))
        .collect();
    App {
        id,
        name: row
            .at("name")
            .line()
            .unwrap_or_else(|| Shown::line(&id.short())),
        kms: kms_kind(row.at("kms_type"), &instances),
        created_at: row.at("created_at").line(),
        instance_count: count(row.at("cvm_count")),
        instances,
    }
}

/// The word, or where the app has none what its instances know of a chain.
fn kms_kind(word: Look, instances: &[Instance]) -> KmsKind {
    let word = word
        .line()
        .or_else(|| instances.iter().find_map(|cvm| cvm.kms_word.clone()))
        .unwrap_or_default();
    match word.as_str() {
        "phala" => KmsKind::Central,
        "base" | "ethereum" => KmsKind::OnChain(word),
        "" => match instances.iter().find_map(|cvm| cvm.kms.chain_id) {
            Some(1) => KmsKind::OnChain(Shown::line("ethereum")),
            Some(8453) => KmsKind::OnChain(Shown::line("base")),
            Some(id) => KmsKind::OnChain(Shown::line(&format!("chain {id}"))),
            None => KmsKind::Unknown(word),
        },
        _ => KmsKind::Unknown(word),
    }
}

fn node(row: Look) -> Option<Node> {
    Some(Node {
        id: NodeId(row.at("teepod_id").or(row.at("id")).whole()?),
        name: line(row.at("name")),
        region: row.at("region_identifier").or(row.at("region")).line(),
        slots: slots(row.at("remaining_cvm_slots")),
        vcpu: row.at("remaining_vcpu").number(),
        memory_mb: row.at("remaining_memory").number(),
        on_chain: row.at("support_onchain_kms").truth(),
        device: row.at("device_id").read(DeviceId::parse),
        images: row
            .at("images")
            .each()
            .filter_map(|image| image.at("name").or(image).line())
            .collect(),
    })
}

/// An overbooked node has less than nothing left, which is nothing.
fn slots(look: Look) -> Option<u64> {
    look.whole()
        .or_else(|| look.number().filter(|n| *n < 0.0).map(|_| 0))
}

#[cfg(test)]
mod tests;

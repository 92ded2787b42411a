//! The 465 answer, and that of a provision: what a later request redeems (6.4).
//!
//! It does not judge what the service says; comparing it with what was asked is the wizard's business.

use serde_json::Value;

use super::look::Look;
use super::{Unreadable, missing};
use crate::api::types::{AppId, ComposeHash, DeviceId, Provision, Ticket};
use crate::secret::Secret;

/// Reads the `details` list, at the top level or under `detail`. Token and hash are needed, the rest is not.
pub fn ticket(value: &Value) -> Result<Ticket, Unreadable> {
    let top = Look::new(value);
    let details = top.at("details").or(top.at("detail").at("details"));
    if !details.is_list() {
        return Err(missing("details"));
    }
    let field = |name: &str| {
        details
            .rows()
            .find(|item| item.at("field").text().as_deref() == Some(name))
            .map_or(Look::NOTHING, |item| item.at("value"))
    };
    let status = field("onchain_status");
    Ok(Ticket {
        token: field("commit_token")
            .text()
            .filter(|token| !token.is_empty())
            .map(Secret::new)
            .ok_or_else(|| missing("commit_token"))?,
        compose_hash: field("compose_hash")
            .read(ComposeHash::parse)
            .ok_or_else(|| missing("compose_hash"))?,
        app: field("app_id").read(AppId::find),
        device: field("device_id").read(DeviceId::parse),
        chain_id: field("kms_info").at("chain_id").whole(),
        hash_allowed: status.at("compose_hash_allowed").is_true(),
        device_allowed: status.at("device_id_allowed").is_true(),
        commit_url: field("commit_url")
            .link()
            .map(|url| Secret::new(url.as_str())),
        provision: None,
    })
}

/// Reads what `POST /cvms/provision` keeps ready. The hash is needed, the rest is not.
pub fn provision(value: &Value) -> Result<Ticket, Unreadable> {
    let top = Look::new(value);
    let hash = top.at("compose_hash").read(ComposeHash::parse);
    let hash = hash.ok_or_else(|| missing("compose_hash"))?;
    Ok(Ticket {
        token: Secret::new(hash.to_string()),
        compose_hash: hash,
        app: top.at("app_id").read(AppId::find),
        device: top.at("device_id").read(DeviceId::parse),
        chain_id: top.at("kms_info").at("chain_id").whole(),
        // Nobody has to be asked: what governs it, if anything does, is made for just this.
        hash_allowed: true,
        device_allowed: true,
        commit_url: None,
        provision: Some(Provision {
            env_key: top.at("app_env_encrypt_pubkey").line(),
            sealed: None,
            kms: top
                .at("kms_info")
                .at("id")
                .line()
                .or(top.at("kms_id").line()),
            kms_contract: top.at("kms_info").at("kms_contract_address").line(),
            founded: None,
        }),
    })
}

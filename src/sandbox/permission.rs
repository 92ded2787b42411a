//! What an app's contract allows: which devices, which compose hashes, and both for one instance.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    apps::App,
    chain::normal,
    message::{Reply, Request},
    refusal::Refusal,
    shapes::short_id,
    version::Version,
    world::{Answer, World},
};

/// Body of `POST /apps/{app_id}/is-allowed` and `POST /cvms/{id}/is-allowed`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedQuestion {
    compose_hash: Option<String>,
    node_id: Option<u64>,
    device_id: Option<String>,
    chain_id: Option<u64>,
}

impl World {
    pub(super) fn device_allowlist(&self, id: &str, request: &Request) -> Answer {
        let app = self.app(id)?;
        let version = Version::of(request);
        let Some(contract) = &app.contract else {
            return Ok(Reply::json(
                200,
                &json!({ "is_onchain_kms": false, "devices": [] }),
            ));
        };
        let devices: Vec<Value> = self
            .nodes
            .iter()
            .filter(|node| node.on_chain)
            .map(|node| {
                let cvms: Vec<Value> = self
                    .cvms_of(app)
                    .filter(|cvm| cvm.node == node.id)
                    .map(|cvm| short_id(version, cvm))
                    .collect();
                let allowed = contract.lists_device(&node.device_id);
                json!({
                    "device_id": node.device_id,
                    "node_name": node.name,
                    "cvm_ids": cvms,
                    "allowed_onchain": allowed,
                    // The words are inference.
                    "status": if allowed { "allowed" } else { "not_allowed" },
                })
            })
            .collect();
        let answer = json!({
            "is_onchain_kms": true,
            "allow_any_device": contract.allow_any_device,
            "chain_id": self.kms_of(app).chain_id,
            "app_contract_address": contract.address(),
            "devices": devices,
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn is_allowed(&self, id: &str, request: &Request) -> Answer {
        let question: AllowedQuestion = request.json()?;
        let app = self.app(id)?;
        if app.contract.is_none() {
            return Err(off_chain());
        }
        if question.compose_hash.is_none() {
            return Err(Refusal::missing("compose_hash"));
        }
        self.verdict(app, question)
            .map(|answer| Reply::json(200, &answer))
    }

    /// What is not asked about is what the instance has.
    pub(super) fn is_cvm_allowed(&self, id: &str, request: &Request) -> Answer {
        let question: AllowedQuestion = request.json()?;
        let (cvm, app) = self.cvm_and_app(id)?;
        let question = AllowedQuestion {
            compose_hash: question.compose_hash.or(Some(cvm.hash.clone())),
            node_id: question.node_id.or(Some(cvm.node)),
            ..question
        };
        let mut answer = self.verdict(app, question)?;
        answer["cvm_id"] = short_id(Version::of(request), cvm);
        Ok(Reply::json(200, &answer))
    }

    /// Every instance of an app at once.
    pub(super) fn are_cvms_allowed(&self, id: &str, request: &Request) -> Answer {
        let app = self.app(id)?;
        let version = Version::of(request);
        let mut rows = Vec::new();
        for cvm in self.cvms_of(app).filter(|_| app.contract.is_some()) {
            let question = AllowedQuestion {
                compose_hash: Some(cvm.hash.clone()),
                node_id: Some(cvm.node),
                device_id: None,
                chain_id: None,
            };
            let mut row = self.verdict(app, question)?;
            row["cvm_id"] = short_id(version, cvm);
            rows.push(row);
        }
        let allowed = rows.iter().filter(|row| row["is_allowed"] == true).count();
        let answer = json!({
            "is_onchain": app.contract.is_some(),
            "total": rows.len(),
            "allowed_count": allowed,
            "denied_count": rows.len() - allowed,
            "error_count": 0,
            "skipped_cvm_ids": [],
            "results": rows,
        });
        Ok(Reply::json(200, &answer))
    }

    fn verdict(&self, app: &App, question: AllowedQuestion) -> Result<Value, Refusal> {
        let AllowedQuestion {
            compose_hash,
            node_id,
            device_id,
            chain_id,
        } = question;
        let contract = app.contract.as_ref().ok_or_else(off_chain)?;
        if chain_id.is_some_and(|chain| Some(chain) != self.kms_of(app).chain_id) {
            return Err(Refusal::plain(400, "The app lives on another chain"));
        }
        let hash = compose_hash.unwrap_or_default();
        let device = device_id.or_else(|| Some(self.node(node_id?)?.device_id.clone()));
        let hash_allowed = contract.allows_hash(&hash);
        // Without a device only the hash is judged: inference.
        let device_allowed = device.as_ref().map(|device| contract.allows_device(device));
        Ok(json!({
            "app_contract_address": contract.address(),
            "compose_hash": normal(&hash),
            "device_id": device.as_deref().map(normal).unwrap_or_default(),
            "compose_hash_allowed": hash_allowed,
            "device_id_allowed": device_allowed,
            "allow_any_device": contract.allow_any_device,
            "is_allowed": hash_allowed && device_allowed.unwrap_or(true),
        }))
    }
}

fn off_chain() -> Refusal {
    Refusal::plain(400, "The app is not governed by an on-chain KMS")
}

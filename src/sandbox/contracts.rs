//! KMS contracts: what newer clients list in place of KMS nodes, and what a chain allows under each of them.

use serde_json::{Value, json};

use super::{
    kms::Kms,
    message::Reply,
    refusal::Refusal,
    world::{Answer, World},
};

impl Kms {
    /// KmsContract of 2026-06-23. A centralised KMS stands under the word `phala` and chain 0.
    pub(super) fn contract_shape(&self) -> Value {
        json!({
            "id": self.contract_id,
            "slug": self.slug,
            "label": self.slug,
            "contract_address": self.contract_word(),
            "chain_id": self.chain_id.unwrap_or_default(),
            "k256_pubkey": self.root_public_key(),
            "ca_pubkey": self.ca_public_key,
            "node_count": 1,
        })
    }

    /// A row of `kms_nodes` in the resources for a new app.
    pub(super) fn resource(&self) -> Value {
        json!({
            "id": self.id,
            "slug": self.slug,
            "url": self.url,
            "version": self.version,
            "kms_type": self.kind(),
            "chain_id": self.chain_id,
            "kms_contract_id": self.contract_id,
            "kms_contract_address": self.contract,
            "gateway_app_id": self.gateway_app_id,
            "supported_os_images": [],
        })
    }

    /// A row of `node_kms_relations` beside it.
    pub(super) fn relation(&self, node: u64) -> Value {
        json!({
            "teepod_id": node,
            "kms_id": self.id,
            "kms_type": self.kind(),
            "kms_contract_id": self.contract_id,
            "kms_contract_address": self.contract,
            "supported_os_images": [],
        })
    }

    fn contract_word(&self) -> &str {
        self.contract.as_deref().unwrap_or("phala")
    }
}

impl World {
    pub(super) fn contract_nodes(&self, name: &str) -> Answer {
        let kms = self.kms_named(name)?;
        let node = json!({
            "id": kms.id,
            "slug": kms.slug,
            "url": kms.url,
            "version": kms.version,
            "kms_type": kms.kind(),
        });
        Ok(Reply::json(200, &json!({ "items": [node], "total": 1 })))
    }

    /// Every contract on a chain with the devices and images it allows.
    pub(super) fn on_chain_kms(&self, chain: &str) -> Answer {
        let chain = chain.to_lowercase();
        let chain_id: u64 = match chain.as_str() {
            "ethereum" => 1,
            "base" => 8453,
            _ => return Err(Refusal::plain(400, "Unsupported chain")),
        };
        let devices: Value = self
            .nodes
            .iter()
            .filter(|node| node.on_chain)
            .map(|node| {
                json!({
                    "device_id": node.device_id,
                    "node_name": node.name,
                    "on_chain_allowed": true,
                })
            })
            .collect();
        let images: Value = self
            .scenario
            .images
            .iter()
            .map(|(name, image)| {
                let os = self.os_shape(name);
                json!({
                    "name": name,
                    "version": os["version"],
                    "os_image_hash": os["os_image_hash"],
                    "on_chain_allowed": !image.dev,
                })
            })
            .collect();
        let contracts: Value = self
            .kms
            .iter()
            .filter(|kms| kms.chain_id == Some(chain_id))
            .map(|kms| {
                json!({
                    "contract_address": kms.contract,
                    "chain_id": chain_id,
                    "chain_name": chain,
                    "k256_pubkey": kms.root_public_key(),
                    "ca_pubkey": kms.ca_public_key,
                    "gateway_contract_address": kms.gateway_app_id,
                    "devices": devices,
                    "os_images": images,
                })
            })
            .collect();
        let answer = json!({ "chain_name": chain, "chain_id": chain_id, "contracts": contracts });
        Ok(Reply::json(200, &answer))
    }
}

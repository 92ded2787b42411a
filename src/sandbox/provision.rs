//! A whole new app in two calls: `POST /cvms/provision` says what would be made, `POST /cvms` makes it.
//!
//! With a centralised KMS the service gives the app id, which follows from the workspace's wallet and a nonce. With
//! an on-chain KMS the client deploys a contract in between, and its address is the app id.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    apps::App,
    chain::{Contract, normal},
    cvm::{Draft, Size},
    document::Document,
    environment::{self, Environment},
    message::{Reply, Request},
    moment::Moment,
    refusal::{
        APP_ID_TAKEN, COMPOSE_REQUIRED, FieldProblem, HASH_NOT_ALLOWED, NO_RESOURCES, NO_SUCH_TYPE,
        Refusal,
    },
    rpc::Founding,
    scenario::TransactionsChecked,
    version::Version,
    world::{Answer, World},
};

/// What a provision was told, for as long as it may be committed.
pub(super) struct Provision {
    /// Absent until a contract is deployed.
    app_id: Option<String>,
    hash: String,
    kms: usize,
    draft: Draft,
    provisioned_at: Moment,
}

/// Body of `POST /cvms/provision`, as far as the sandbox minds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvisionWish {
    compose_file: Option<Map<String, Value>>,
    name: Option<String>,
    instance_type: Option<String>,
    vcpu: Option<u64>,
    memory: Option<u64>,
    disk_size: Option<u64>,
    image: Option<String>,
    prefer_dev: Option<bool>,
    teepod_id: Option<u64>,
    node_id: Option<u64>,
    region: Option<String>,
    listed: Option<bool>,
    kms_id: Option<String>,
    /// A type word, in capitals from official clients.
    kms: Option<String>,
    kms_contract: Option<String>,
    nonce: Option<u64>,
    app_id: Option<String>,
    env_keys: Option<Vec<String>>,
    encrypted_env: Option<String>,
    #[expect(dead_code, reason = "the sandbox hands no configuration to a guest")]
    user_config: Option<String>,
    #[expect(dead_code, reason = "the gateway publishes every port")]
    ports: Option<Value>,
    #[expect(dead_code, reason = "no node of the sandbox has them")]
    hugepages: Option<bool>,
    #[expect(dead_code, reason = "no node of the sandbox has them")]
    pin_numa: Option<bool>,
    gpus: Option<Value>,
}

/// Body of `POST /cvms`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    app_id: Option<String>,
    compose_hash: Option<String>,
    encrypted_env: Option<String>,
    kms_id: Option<String>,
    #[expect(dead_code, reason = "the address of the contract is the app id")]
    contract_address: Option<String>,
    deployer_address: Option<String>,
    #[expect(dead_code, reason = "the names stand in the document")]
    env_keys: Option<Vec<String>>,
}

impl World {
    /// Nothing is made; what was worked out is kept for fourteen days.
    pub(super) fn provision(&mut self, request: &Request) -> Answer {
        let wish: ProvisionWish = request.json()?;
        let name = wish.name.clone().ok_or_else(|| Refusal::missing("name"))?;
        if !is_hostname(&name) {
            let message = "the name must be a host name of 5 to 63 letters, digits and hyphens";
            return Err(Refusal::value("name", message));
        }
        self.check_name_is_free(&name)?;
        let document = self.new_document(&wish, &name)?;
        let kms = self.chosen_kms(&wish)?;
        let on_chain = self.kms[kms].is_on_chain();
        let app_id = if on_chain {
            None
        } else {
            Some(self.promised_app_id(wish.app_id.as_deref(), wish.nonce)?)
        };
        let (instance_type, size) = self.chosen_size(&wish)?;
        if wish.gpus.is_some() {
            return Err(Refusal::coded(NO_RESOURCES, "No node has a GPU"));
        }
        let image = match &wish.image {
            Some(image) => self.image_named(image)?,
            None => self.default_image(wish.prefer_dev.unwrap_or_default()),
        };
        let region = wish.region.as_deref();
        let node = match wish.node_id.or(wish.teepod_id) {
            None if region.is_some() => self
                .nodes
                .iter()
                .filter(|node| Some(&*node.region) == region)
                .find(|node| node.check(size, on_chain).is_ok())
                .ok_or_else(|| Refusal::coded(NO_RESOURCES, "No node there has room"))?,
            wanted => self.choose_node(wanted, size, on_chain, |_| true)?,
        };
        let hash = document.hash();
        let kms_shape = &self.kms[kms];
        let answer = json!({
            "app_id": app_id,
            "app_env_encrypt_pubkey": app_id.as_ref().map(|id| kms_shape.env_public_key(id)),
            "compose_hash": hash,
            "kms_info": kms_shape.info(),
            "fmspc": "B0C06F000000",
            "device_id": node.device_id,
            "os_image_hash": self.image_hash(&image),
            "instance_type": instance_type,
            "teepod_id": node.id,
            "node_id": node.id,
            "kms_id": kms_shape.id,
            "kms_contract_id": kms_shape.contract_id,
        });
        let draft = Draft {
            app_id: app_id.clone().unwrap_or_default(),
            name: Some(name),
            node: node.id,
            instance_type,
            size,
            image,
            document,
            environment: Ok(Environment::new()),
            encrypted_env: wish.encrypted_env.unwrap_or_default(),
            listed: wish.listed.unwrap_or(true),
        };
        self.provisions.push(Provision {
            app_id,
            hash,
            kms,
            draft,
            provisioned_at: self.now,
        });
        Ok(Reply::json(200, &answer))
    }

    /// Making the same app a second time answers with what is there.
    pub(super) fn create_app(&mut self, request: &Request) -> Answer {
        let body: Creation = request.json()?;
        let app_id = body
            .app_id
            .as_deref()
            .map(|id| normal(id.strip_prefix("app_").unwrap_or(id)))
            .ok_or_else(|| Refusal::missing("app_id"))?;
        let hash = body
            .compose_hash
            .as_deref()
            .map(normal)
            .ok_or_else(|| Refusal::missing("compose_hash"))?;
        if let Ok(app) = self.app(&app_id) {
            let Some(cvm) = self.cvms_of(app).find(|cvm| cvm.hash == hash) else {
                let message = "The app id is in use with another configuration";
                return Err(Refusal::coded(APP_ID_TAKEN, message));
            };
            return Ok(Reply::json(
                200,
                &self.vm_shape(Version::of(request), cvm, app),
            ));
        }
        let lifetime = self.scenario.rules.token_seconds;
        let provision = self
            .provisions
            .iter()
            .rev()
            .find(|found| {
                found.hash == hash && found.app_id.as_ref().is_none_or(|id| *id == app_id)
            })
            .ok_or_else(|| Refusal::plain(422, "Provision data not found"))?;
        if self.now.since(provision.provisioned_at) >= lifetime {
            return Err(Refusal::plain(400, "Provision data has expired"));
        }
        let mut kms = provision.kms;
        let mut draft = provision.draft.clone();
        if let Some(named) = &body.kms_id {
            let id = self.kms_named(named)?.id.clone();
            kms = self.kms.iter().position(|kms| kms.id == id).unwrap_or(kms);
        }
        draft.app_id.clone_from(&app_id);
        let founded = self.founded(kms, &app_id);
        self.check_contract(kms, founded.as_ref(), &draft)?;
        let deployer = body.deployer_address.as_deref();
        let app = self.new_app(&app_id, kms, &draft, deployer, founded.clone())?;
        if let Some(blob) = body.encrypted_env.filter(|blob| !blob.is_empty()) {
            let bytes = hex::decode(&blob)
                .map_err(|_| Refusal::value("encrypted_env", "encrypted_env must be hex"))?;
            let key = self.kms[kms].env_secret(&app_id);
            let opened = environment::open(&bytes, &key, &draft.document.allowed_envs());
            draft.environment = self.judge_blob(opened)?;
            draft.encrypted_env = blob;
        }
        if let Some(name) = &draft.name {
            self.check_name_is_free(name)?;
        }
        self.afford()?;
        let on_chain = self.kms[kms].is_on_chain();
        self.choose_node(Some(draft.node), draft.size, on_chain, |_| true)?;
        self.apps.push(app);
        let place = self.apps.len() - 1;
        if founded.is_none() {
            let device = self.node(draft.node).map(|node| node.device_id.clone());
            let devices: Vec<_> = device.map(|id| (self.now, id)).into_iter().collect();
            self.contract_history(place, &[(self.now, draft.document.hash())], &devices);
        }
        self.mine();
        Ok(self.create(place, draft, Version::of(request)))
    }

    /// An app without an instance, whose contract still has to be put on the chain.
    fn new_app(
        &mut self,
        app_id: &str,
        kms: usize,
        draft: &Draft,
        deployer: Option<&str>,
        founded: Option<Contract>,
    ) -> Result<App, Refusal> {
        let is_id = app_id.len() == 40 && app_id.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_id {
            return Err(Refusal::value("app_id", "the app id must be 40 hex digits"));
        }
        let deployer = deployer.map(|address| format!("0x{}", normal(address)));
        let founding = Founding {
            owner: deployer.as_deref(),
            owner_kind: Some("eoa"),
            ..Founding::default()
        };
        let contract = founded.or_else(|| self.found(kms, app_id, founding));
        Ok(App {
            id: format!("prj_{}", &app_id[..8]),
            app_id: app_id.to_owned(),
            name: draft.name.clone().unwrap_or_default(),
            kms,
            created_at: self.now,
            owner: contract.is_some().then(|| "eoa".to_owned()),
            deployer,
            owner_signs_after: self.scenario.rules.new_owner_signs_after,
            contract,
            revisions: Vec::new(),
        })
    }

    /// What stands on the chain has to allow what is made. In most stories nobody can put anything there from outside:
    /// then the word of the client is enough.
    fn check_contract(
        &self,
        kms: usize,
        founded: Option<&Contract>,
        draft: &Draft,
    ) -> Result<(), Refusal> {
        let Some(contract) = founded else {
            let anybody = !self.kms[kms].is_on_chain()
                || self.scenario.rules.transactions_checked == TransactionsChecked::IfKnown;
            let message = "There is no contract of this app on the chain of the KMS";
            return anybody
                .then_some(())
                .ok_or_else(|| Refusal::plain(400, message));
        };
        let device = self.node(draft.node).map(|node| node.device_id.as_str());
        let allows = contract.allows(&draft.document.hash(), device.unwrap_or_default());
        let message = "The contract does not allow this configuration on this machine";
        allows
            .then_some(())
            .ok_or_else(|| Refusal::coded(HASH_NOT_ALLOWED, message))
    }

    fn new_document(&self, wish: &ProvisionWish, name: &str) -> Result<Document, Refusal> {
        let mut members = wish
            .compose_file
            .clone()
            .ok_or_else(|| Refusal::missing("compose_file"))?;
        let rules = &self.scenario.rules;
        let has_script = members
            .get("pre_launch_script")
            .is_some_and(|script| !script.is_null());
        if !has_script && !rules.default_script.is_empty() {
            let script = rules.default_script.as_str().into();
            members.insert("pre_launch_script".to_owned(), script);
        }
        let mut document = Document::completed(members, name);
        if let Some(keys) = &wish.env_keys
            && document.allowed_envs().is_empty()
        {
            document = document.set("allowed_envs", keys.clone().into());
        }
        if document.compose().is_empty() {
            let message = "A compose file is required";
            return Err(Refusal::coded(COMPOSE_REQUIRED, message));
        }
        self.check_document(&document, true)?;
        Ok(document)
    }

    fn chosen_kms(&self, wish: &ProvisionWish) -> Result<usize, Refusal> {
        let wanted = wish
            .kms_id
            .clone()
            .or(wish.kms_contract.clone())
            .or(wish.kms.as_ref().map(|word| word.to_lowercase()))
            .unwrap_or_else(|| "phala".to_owned());
        let id = &self.kms_named(&wanted)?.id;
        self.kms
            .iter()
            .position(|kms| kms.id == *id)
            .ok_or_else(|| Refusal::plain(404, "KMS not found"))
    }

    /// A type by name, or figures that are taken as they are: that they need no type is inference.
    fn chosen_size(&self, wish: &ProvisionWish) -> Result<(String, Size), Refusal> {
        let kinds = &self.scenario.instance_types;
        let named = wish.instance_type.as_deref();
        let figures = wish.vcpu.is_some() || wish.memory.is_some();
        let fitting = kinds.iter().find(|(_, kind)| {
            wish.vcpu.is_none_or(|vcpu| vcpu <= kind.vcpu)
                && wish.memory.is_none_or(|memory| memory <= kind.memory_mb)
        });
        let (name, kind) = match named {
            Some(name) => kinds
                .get_key_value(name)
                .ok_or_else(|| Refusal::coded(NO_SUCH_TYPE, "There is no such instance type"))?,
            None if figures => fitting
                .ok_or_else(|| Refusal::coded(NO_RESOURCES, "No instance type is so large"))?,
            None => kinds
                .get_key_value("tdx.small")
                .ok_or_else(|| Refusal::coded(NO_SUCH_TYPE, "There is no default instance type"))?,
        };
        let mut size = Size::from(kind);
        if named.is_none() {
            size.vcpu = wish.vcpu.unwrap_or(size.vcpu);
            size.memory_mb = wish.memory.unwrap_or(size.memory_mb);
        }
        size.disk_gb = wish.disk_size.unwrap_or(size.disk_gb);
        if size.vcpu == 0 || size.memory_mb == 0 || size.disk_gb == 0 {
            let message = "Input should be above 0";
            return Err(Refusal::field(FieldProblem::body(
                "vcpu",
                "greater_than",
                message,
            )));
        }
        Ok((name.clone(), size))
    }
}

/// The rule for names that official clients apply before they send one.
pub(super) fn is_hostname(name: &str) -> bool {
    (5..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_host_names() {
        for good in ["abcde", "a-1-b", &"a".repeat(63)] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in [
            "abcd",
            "1abcd",
            "abcd-",
            "ab--cd",
            "ab_cd",
            "a b c",
            &"a".repeat(64),
        ] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }
}

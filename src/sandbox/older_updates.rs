//! The endpoints that updated one thing each before there was `PATCH /cvms/{id}`; official clients still call them.
//!
//! Each reads its own request and hands a part of a patch on; what an update means is said in the file `updates`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    chain::normal,
    document::Document,
    message::{Reply, Request},
    refusal::{COMPOSE_REQUIRED, Refusal},
    tickets::Purpose,
    updates::{Change, Patch, Updated, in_progress, prepares},
    world::{Answer, World},
};

/// Body of `PATCH /cvms/{id}/envs`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envs {
    encrypted_env: Option<String>,
    env_keys: Option<Vec<String>>,
    compose_hash: Option<String>,
    transaction_hash: Option<String>,
}

/// Body of `PATCH /cvms/{id}/compose_file`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComposeCommit {
    compose_hash: Option<String>,
    encrypted_env: Option<String>,
    #[expect(dead_code, reason = "decided when the document was provisioned")]
    env_keys: Option<Vec<String>>,
    #[expect(dead_code, reason = "decided when the document was provisioned")]
    update_env_vars: Option<bool>,
}

/// Body of `PATCH /cvms/{id}/visibility`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "so they are called")]
struct Visibility {
    public_sysinfo: Option<bool>,
    public_logs: Option<bool>,
    public_tcbinfo: Option<bool>,
}

/// Body of `PATCH /cvms/{id}/os-image`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OsImage {
    os_image_name: Option<String>,
}

impl World {
    pub(super) fn patch_envs(&mut self, id: &str, request: &Request) -> Answer {
        let envs: Envs = request.json()?;
        let registered = envs.compose_hash.filter(|hash| !hash.is_empty());
        let updated = if let Some(hash) = registered {
            self.update_registered(id, &hash, envs.transaction_hash.as_deref())?
        } else {
            let blob = envs
                .encrypted_env
                .ok_or_else(|| Refusal::missing("encrypted_env"))?;
            let patch = Patch {
                encrypted_env: Some(blob),
                allowed_envs: envs.env_keys,
                ..Patch::default()
            };
            self.update(id, patch, prepares(request))?
        };
        let mut answer = in_progress(&updated);
        answer["allowed_envs_changed"] = updated.envs_changed.into();
        Ok(Reply::json(202, &answer))
    }

    /// The body is the file itself.
    pub(super) fn patch_docker_compose(&mut self, id: &str, request: &Request) -> Answer {
        self.patch_with_text(id, request, |text| Patch {
            docker_compose_file: Some(text),
            ..Patch::default()
        })
    }

    /// The body is the script itself.
    pub(super) fn patch_script(&mut self, id: &str, request: &Request) -> Answer {
        self.patch_with_text(id, request, |text| Patch {
            pre_launch_script: Some(text),
            ..Patch::default()
        })
    }

    fn patch_with_text(
        &mut self,
        id: &str,
        request: &Request,
        patch: impl FnOnce(String) -> Patch,
    ) -> Answer {
        let kind = request.header("content-type").unwrap_or_default();
        let text = String::from_utf8(request.body.clone())
            .ok()
            .filter(|_| kind.starts_with("text/") || kind.contains("yaml"))
            .ok_or_else(|| Refusal::plain(400, "Invalid content type"))?;
        let updated = match request.header("x-compose-hash") {
            Some(hash) => self.update_registered(id, hash, request.header("x-transaction-hash"))?,
            None => self.update(id, patch(text), prepares(request))?,
        };
        Ok(Reply::json(202, &in_progress(&updated)))
    }

    /// A whole document, of which the hash is told; nothing happens until that hash is sent back.
    pub(super) fn provision_compose_file(&mut self, id: &str, request: &Request) -> Answer {
        let mut members: Map<String, Value> = request.json()?;
        let updates_envs = members.remove("update_env_vars") == Some(Value::Bool(true));
        let cvm = self.cvm(id)?;
        let mut document = Document::completed(members, &cvm.name);
        if !updates_envs {
            document = document.set("allowed_envs", cvm.document.allowed_envs().into());
        }
        if document.compose().is_empty() {
            return Err(Refusal::coded(
                COMPOSE_REQUIRED,
                "A compose file is required",
            ));
        }
        self.check_document(&document, true)?;
        let node = cvm.node;
        let app = self.app_position(&cvm.app_id)?;
        let change = Change::to(cvm, document);
        let hash = change.document.hash();
        self.issue(Purpose::Update(change));
        let app = &self.apps[app];
        let contract = app.contract.as_ref();
        let answer = json!({
            "app_id": app.app_id,
            "device_id": self.node(node).map(|node| node.device_id.as_str()),
            "compose_hash": hash,
            "kms_info": self.kms_of(app).info(),
            "compose_hash_registered": contract.is_some_and(|contract| contract.allows_hash(&hash)),
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn commit_compose_file(&mut self, id: &str, request: &Request) -> Answer {
        let body: ComposeCommit = request.json()?;
        let hash = body
            .compose_hash
            .ok_or_else(|| Refusal::missing("compose_hash"))?;
        let vm_uuid = self.cvm(id)?.vm_uuid.clone();
        if let Some(blob) = body.encrypted_env {
            self.attach_blob(&vm_uuid, &normal(&hash), &blob)?;
        }
        // The old flow has no code for a hash nobody provisioned.
        let updated =
            self.update_registered(&vm_uuid, &hash, None)
                .map_err(|refusal| match refusal.status() {
                    466 => Refusal::plain(400, "Provision not found"),
                    _ => refusal,
                })?;
        Ok(Reply::json(202, &in_progress(&updated)))
    }

    /// Answers with CvmDetail at every version, as the official client reads it.
    pub(super) fn patch_visibility(&mut self, id: &str, request: &Request) -> Answer {
        let body: Visibility = request.json()?;
        let patch = Patch {
            public_logs: body.public_logs,
            public_sysinfo: body.public_sysinfo,
            public_tcbinfo: body.public_tcbinfo,
            ..Patch::default()
        };
        self.update(id, patch, prepares(request))?;
        let (cvm, app) = self.cvm_and_app(id)?;
        Ok(Reply::json(200, &self.detail_shape(cvm, app)))
    }

    /// Official clients send their own selectors along.
    pub(super) fn patch_resources(&mut self, id: &str, request: &Request) -> Answer {
        let mut members: Map<String, Value> = request.json()?;
        for selector in ["id", "uuid", "app_id", "instance_id", "name"] {
            members.remove(selector);
        }
        let members = serde_json::to_vec(&members).unwrap_or_default();
        let patch = Request {
            body: members,
            ..Request::default()
        }
        .json()?;
        let updated = self.update(id, patch, false)?;
        Ok(accepted(&updated))
    }

    pub(super) fn patch_image(&mut self, id: &str, request: &Request) -> Answer {
        let OsImage { os_image_name } = request.json()?;
        let image = os_image_name.ok_or_else(|| Refusal::missing("os_image_name"))?;
        let patch = Patch {
            image: Some(image),
            ..Patch::default()
        };
        let updated = self.update(id, patch, false)?;
        Ok(accepted(&updated))
    }
}

fn accepted(updated: &Updated) -> Reply {
    Reply::json(202, &in_progress(updated))
}

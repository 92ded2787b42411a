//! What can be set on an instance without touching its document: name, listing, user config, instance id.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    cvm::Cvm,
    message::{Reply, Request},
    provision::is_hostname,
    refusal::Refusal,
    shapes::short_id,
    version::Version,
    world::{Answer, World},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    listed: Option<bool>,
}

/// Body of `PATCH /cvms/instance-ids`. The sandbox's instances always know their ids, so little of it matters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshOne {
    #[expect(dead_code, reason = "nothing ever differs")]
    overwrite: Option<bool>,
    #[expect(dead_code, reason = "nothing is ever changed")]
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshWish {
    cvm_ids: Option<Vec<String>>,
    #[expect(dead_code, reason = "nothing is ever missing")]
    running_only: Option<bool>,
    #[expect(dead_code, reason = "nothing is ever missing")]
    missing_only: Option<bool>,
    #[expect(dead_code, reason = "nothing ever differs")]
    overwrite: Option<bool>,
    limit: Option<usize>,
    #[expect(dead_code, reason = "nothing is ever changed")]
    dry_run: Option<bool>,
}

/// Body of `POST /cvms/batch-stop`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchStop {
    cvm_ids: Option<Vec<String>>,
}

const MOST_STOPPED: usize = 50;

impl World {
    /// 204.
    pub(super) fn rename_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let Name { name } = request.json()?;
        let name = name.ok_or_else(|| Refusal::missing("name"))?;
        if !is_hostname(&name) {
            let message = "the name must be a host name of 5 to 63 letters, digits and hyphens";
            return Err(Refusal::value("name", message));
        }
        if self.cvm(id)?.name != name {
            self.check_name_is_free(&name)?;
        }
        self.cvm_mut(id)?.name = name;
        Ok(Reply::nothing())
    }

    pub(super) fn list_cvm(&mut self, id: &str, request: &Request) -> Answer {
        let Listed { listed } = request.json()?;
        let listed = listed.ok_or_else(|| Refusal::missing("listed"))?;
        self.cvm_mut(id)?.listed = listed;
        let (cvm, app) = self.cvm_and_app(id)?;
        Ok(Reply::json(
            200,
            &self.vm_shape(Version::of(request), cvm, app),
        ))
    }

    pub(super) fn user_config(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let given: Value = serde_json::from_str(&cvm.user_config).unwrap_or_default();
        let keys: Vec<&str> = given["ssh_authorized_keys"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .chain(self.ssh_keys.iter().map(|key| key.public_key.as_str()))
            .collect();
        let answer = json!({
            "hostname": cvm.name,
            "ssh_authorized_keys": keys,
            "default_gateway_domain": self.node(cvm.node).map(super::nodes::Node::gateway_domain),
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn refresh_instance_id(&self, id: &str, request: &Request) -> Answer {
        let RefreshOne { .. } = request.json()?;
        let row = self.refreshed(self.cvm(id)?, Version::of(request));
        Ok(Reply::json(200, &row))
    }

    pub(super) fn refresh_instance_ids(&self, request: &Request) -> Answer {
        let wish: RefreshWish = request.json()?;
        let version = Version::of(request);
        let all = self.cvms.iter().filter(|cvm| {
            wish.cvm_ids
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|id| self.is_named(cvm, id)))
        });
        let rows: Vec<Value> = all
            .take(wish.limit.unwrap_or(100))
            .map(|cvm| self.refreshed(cvm, version))
            .collect();
        let count = |word: &str| rows.iter().filter(|row| row["status"] == word).count();
        let answer = json!({
            "total": rows.len(),
            "scanned": rows.len(),
            "updated": 0,
            "unchanged": count("unchanged"),
            "skipped": count("skipped"),
            "conflicts": 0,
            "errors": 0,
            "items": rows,
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn batch_stop(&mut self, request: &Request) -> Answer {
        let BatchStop { cvm_ids } = request.json()?;
        let ids = cvm_ids.ok_or_else(|| Refusal::missing("cvm_ids"))?;
        if ids.len() > MOST_STOPPED {
            return Err(Refusal::plain(
                400,
                "At most 50 CVMs can be stopped at once",
            ));
        }
        let (mut stopped, mut errors) = (0, Vec::new());
        for id in &ids {
            match self.stop_cvm(id, request) {
                Ok(_) => stopped += 1,
                Err(refusal) if refusal.status() == 404 => {
                    errors.push(json!({ "cvm_id": id, "error": "CVM not found" }));
                }
                Err(_) => {}
            }
        }
        let answer = json!({
            "total": ids.len(),
            "stopped": stopped,
            "skipped": ids.len() - stopped - errors.len(),
            "errors": errors,
        });
        Ok(Reply::json(200, &answer))
    }

    fn is_named(&self, cvm: &Cvm, id: &str) -> bool {
        self.cvm(id).is_ok_and(|named| named.number == cvm.number)
    }

    fn refreshed(&self, cvm: &Cvm, version: Version) -> Value {
        let state = cvm.state(self.now);
        let known = cvm.known_instance_id(&state);
        json!({
            "cvm_id": short_id(version, cvm),
            "identifier": cvm.vm_uuid,
            "status": if known.is_some() { "unchanged" } else { "skipped" },
            "old_instance_id": known,
            "new_instance_id": known,
            "source": if known.is_some() { "teepod_state" } else { "none" },
            "verified_with_gateway": false,
            "reason": null,
        })
    }
}

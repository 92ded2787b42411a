//! Updates that wait for somebody: prepared, perhaps registered on chain, but not applied.

use serde_json::{Value, json};

use super::{
    chain::normal,
    message::Reply,
    refusal::Refusal,
    tickets::Purpose,
    updates::Change,
    world::{Answer, World},
};

impl World {
    pub(super) fn pending_updates(&self, id: &str) -> Answer {
        let app = self.app(id)?;
        let contract = app.contract.as_ref();
        let items: Value = self
            .waiting(&app.app_id)
            .map(|change| {
                let hash = change.document.hash();
                let name = self.cvm(&change.vm_uuid).map(|cvm| cvm.name.clone());
                json!({
                    "vm_uuid": change.vm_uuid,
                    "on_chain": contract.is_some_and(|contract| contract.allows_hash(&hash)),
                    "compose_hash": hash,
                    "instance_name": name.ok(),
                })
            })
            .collect();
        Ok(Reply::json(200, &json!({ "items": items })))
    }

    pub(super) fn pending_preview(&self, id: &str, vm_uuid: &str, hash: &str) -> Answer {
        let app = self.app(id)?;
        let cvm = self.cvm(vm_uuid)?;
        let hash = normal(hash);
        let change = self
            .waiting(&app.app_id)
            .find(|change| change.vm_uuid == cvm.vm_uuid && change.document.hash() == hash)
            .ok_or_else(|| Refusal::plain(404, "Pending update not found"))?;
        let answer = json!({
            "current_docker_compose": cvm.document.compose(),
            "pending_docker_compose": change.document.compose(),
            "current_pre_launch_script": cvm.document.script(),
            "pending_pre_launch_script": change.document.script(),
        });
        Ok(Reply::json(200, &answer))
    }

    /// Changes of an app's instances for which there is still a good ticket.
    fn waiting<'a>(&'a self, app_id: &'a str) -> impl Iterator<Item = &'a Change> {
        self.tickets
            .iter()
            .filter(|ticket| ticket.is_good(self))
            .filter_map(|ticket| match &ticket.purpose {
                Purpose::Update(change) => Some(change),
                _ => None,
            })
            .filter(move |change| {
                self.cvm(&change.vm_uuid)
                    .is_ok_and(|cvm| cvm.app_id == app_id && cvm.hash != change.document.hash())
            })
    }
}

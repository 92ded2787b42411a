//! The shapes of API version 2025-10-28: HostedCvm, CvmDetail and CvmBasic (sections 5.5 to 5.7 of the reference).
//!
//! The official CLI still asks for them: before an update, and for the address of a serial console.

use serde_json::{Value, json};

use super::{
    account::USER_NUMBER, apps::App, chain::Contract, cvm::Cvm, moment::human, nodes::Node,
    world::World,
};

impl World {
    /// A row of a list of instances.
    pub(super) fn hosted_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let node = self.node(cvm.node);
        let domain = node.map(Node::gateway_domain);
        json!({
            "hosted": {
                "id": cvm.vm_uuid.replace('-', ""),
                "name": cvm.name,
                "status": state.status,
                "uptime": human(state.uptime),
                "app_url": null,
                "app_id": cvm.app_id,
                "instance_id": cvm.known_instance_id(&state),
                "configuration": null,
                "exited_at": state.exited_at.map(|exit| human(self.now.since(exit))),
                "boot_progress": state.progress,
                "boot_error": state.error,
                "shutdown_progress": state.shutdown_progress(),
                "image_version": cvm.image,
            },
            "name": cvm.name,
            "managed_user": {
                "id": USER_NUMBER,
                "username": self.scenario.account.username,
            },
            "node": node.map(Node::teepod),
            "listed": cvm.listed,
            "status": state.status,
            "in_progress": state.in_progress,
            "dapp_dashboard_url": null,
            "syslog_endpoint": self.syslog_endpoint(cvm),
            "allow_upgrade": true,
            "project_id": app.id,
            "project_type": null,
            "billing_period": "hourly",
            "kms_info": self.kms_of(app).info(),
            "vcpu": cvm.size.vcpu,
            "memory": cvm.size.memory_mb,
            "disk_size": cvm.size.disk_gb,
            "gateway_domain": domain,
            "public_urls": self.urls(cvm, &state, domain.as_deref().unwrap_or_default()),
            "machine_info": machine(cvm),
            "updated_at": cvm.life.since.iso(),
        })
    }

    /// One instance in full. Its booleans and `public_urls` are never null.
    pub(super) fn detail_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kms = self.kms_of(app);
        let node = self.node(cvm.node);
        let domain = node.map(Node::gateway_domain);
        json!({
            "id": cvm.number,
            "name": cvm.name,
            "status": state.status,
            "in_progress": state.in_progress,
            "teepod_id": cvm.node,
            "teepod": node.map(Node::teepod),
            "app_id": cvm.app_id,
            "vm_uuid": cvm.vm_uuid,
            "instance_id": cvm.known_instance_id(&state),
            "vcpu": cvm.size.vcpu,
            "memory": cvm.size.memory_mb,
            "disk_size": cvm.size.disk_gb,
            "base_image": cvm.image,
            "encrypted_env_pubkey": kms.env_public_key(&app.app_id),
            "listed": cvm.listed,
            "project_id": app.id,
            "project_type": null,
            "instance_type": cvm.instance_type,
            "public_sysinfo": cvm.document.flag("public_sysinfo"),
            "public_logs": cvm.document.flag("public_logs"),
            "dapp_dashboard_url": null,
            "syslog_endpoint": self.syslog_endpoint(cvm),
            "kms_info": kms.info(),
            "contract_address": app.contract.as_ref().map(Contract::address),
            "deployer_address": kms.is_on_chain().then(|| self.deployer(app)),
            "scheduled_delete_at": null,
            "public_urls": self.urls(cvm, &state, domain.as_deref().unwrap_or_default()),
            "gateway_domain": domain,
            "machine_info": machine(cvm),
            "updated_at": cvm.life.since.iso(),
        })
    }

    /// What an app says of one of its instances.
    pub(super) fn basic_shape(&self, cvm: &Cvm, app: &App) -> Value {
        let state = cvm.state(self.now);
        let kms = self.kms_of(app);
        let node = self.node(cvm.node);
        json!({
            "vm_uuid": cvm.vm_uuid,
            "app_id": cvm.app_id,
            "name": cvm.name,
            "status": state.status,
            "vcpu": cvm.size.vcpu,
            "memory": cvm.size.memory_mb,
            "disk_size": cvm.size.disk_gb,
            "teepod_id": cvm.node,
            "teepod_name": node.map_or("", |node| node.name.as_str()),
            "region_identifier": node.map(|node| node.region.as_str()),
            "kms_type": kms.kind(),
            "instance_type": cvm.instance_type,
            "listed": cvm.listed,
            "base_image": cvm.image,
            "kms_slug": kms.slug,
            "kms_id": kms.id,
            "instance_id": cvm.known_instance_id(&state),
            "machine_info": machine(cvm),
            "updated_at": cvm.life.since.iso(),
        })
    }
}

fn machine(cvm: &Cvm) -> Value {
    json!({
        "vcpu": cvm.size.vcpu,
        "memory": cvm.size.memory_mb,
        "disk_size": cvm.size.disk_gb,
        "gpu_count": 0,
    })
}

//! Who is asking: the user, the workspace, its quota.

use serde_json::{Value, json};

use super::{
    cvm::Size,
    message::{Reply, Request},
    refusal::Refusal,
    version::Version,
    world::{Answer, World},
};

const VCPU_QUOTA: u64 = 64;
const MEMORY_QUOTA_MB: u64 = 131_072;
const DISK_QUOTA_GB: u64 = 2000;
/// The user's id where an older shape wants a number.
pub(super) const USER_NUMBER: u64 = 7;

impl World {
    pub(super) fn me(&self, request: &Request) -> Reply {
        let account = &self.scenario.account;
        let workspace = &self.scenario.workspace;
        if Version::of(request) == Version::V20251028 {
            let flat = json!({
                "username": account.username,
                "email": account.email,
                "credits": account.balance.parse::<f64>().unwrap_or_default(),
                "granted_credits": 0.0,
                "avatar": "",
                "team_name": workspace.name,
                "team_tier": workspace.tier,
            });
            return Reply::json(200, &flat);
        }
        let answer = json!({
            "user": {
                "username": account.username,
                "email": account.email,
                "role": "user",
                "avatar": "",
                "email_verified": true,
                "totp_enabled": false,
                "has_backup_codes": false,
                "flag_has_password": true,
            },
            "workspace": {
                "id": self.workspace_id(),
                "name": workspace.name,
                "slug": workspace.slug,
                "tier": workspace.tier,
                "role": workspace.role,
                "avatar": null,
            },
            "credits": {
                "balance": account.balance,
                "granted_balance": "0.00",
                "is_post_paid": false,
                "outstanding_amount": null,
            },
        });
        Reply::json(200, &answer)
    }

    /// There is only one, so every cursor leads to the end.
    pub(super) fn workspaces(&self, request: &Request) -> Answer {
        request.number("limit", 20, &(1..=100))?;
        let rows = match request.parameter("cursor") {
            None => vec![self.workspace_row()],
            Some(_) => Vec::new(),
        };
        let answer = json!({
            "data": rows,
            "pagination": { "has_more": false, "next_cursor": null, "total": 1 },
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn workspace(&self, slug: &str) -> Answer {
        self.only_workspace(slug)?;
        Ok(Reply::json(200, &self.workspace_row()))
    }

    pub(super) fn quotas(&self, slug: &str) -> Answer {
        self.only_workspace(slug)?;
        let used = |of: fn(Size) -> u64| -> u64 { self.cvms.iter().map(|cvm| of(cvm.size)).sum() };
        let left = |limit: u64, used: u64| json!({ "limit": limit, "remaining": limit.saturating_sub(used) });
        let answer = json!({
            "team_slug": slug,
            "tier": self.scenario.workspace.tier,
            "as_of": self.now.iso(),
            "quotas": {
                "vm_slots": left(self.scenario.workspace.max_instances, self.cvms.len() as u64),
                "vcpu": left(VCPU_QUOTA, used(|size| size.vcpu)),
                "memory_mb": left(MEMORY_QUOTA_MB, used(|size| size.memory_mb)),
                "disk_gb": left(DISK_QUOTA_GB, used(|size| size.disk_gb)),
            },
            "reserved_nodes": left(0, 0),
            "reserved_gpu": { "gpus": left(0, 0), "in_use": 0, "misconfigured": 0 },
        });
        Ok(Reply::json(200, &answer))
    }

    /// The reference wherever another object names its workspace.
    pub(super) fn workspace_ref(&self) -> Value {
        json!({
            "object_type": "workspace",
            "id": self.workspace_id(),
            "name": self.scenario.workspace.name,
            "slug": self.scenario.workspace.slug,
            "avatar_url": null,
        })
    }

    /// The reference wherever another object names its maker.
    pub(super) fn user_ref(&self) -> Value {
        json!({
            "object_type": "user",
            "id": format!("usr_{}", self.mint.hex("user", 4)),
            "username": self.scenario.account.username,
            "avatar_url": null,
        })
    }

    pub(super) fn only_workspace(&self, slug: &str) -> Result<(), Refusal> {
        if slug == self.scenario.workspace.slug || slug == self.workspace_id() {
            Ok(())
        } else {
            Err(Refusal::plain(404, "Workspace not found"))
        }
    }

    fn workspace_id(&self) -> String {
        format!("wks_{}", self.mint.hex("workspace", 4))
    }

    fn workspace_row(&self) -> Value {
        let workspace = &self.scenario.workspace;
        json!({
            "id": self.workspace_id(),
            "name": workspace.name,
            "slug": workspace.slug,
            "tier": workspace.tier,
            "role": workspace.role,
            "is_default": true,
            "created_at": self.start.plus(-400.0 * 86_400.0).iso(),
        })
    }
}

//! Apps: lists, details, and revisions.

use serde_json::{Value, json};

use super::{
    chain::{Contract, normal},
    cvm::Cvm,
    document::Document,
    filters::Filter,
    kms::Kms,
    message::{Reply, Request},
    moment::Moment,
    refusal::Refusal,
    version::Version,
    world::{Answer, World, page},
};

/// An app with its revisions, newest first.
#[expect(
    clippy::struct_field_names,
    reason = "`app_id` is what the field calls it"
)]
pub(super) struct App {
    /// `prj_…`.
    pub(super) id: String,
    /// 40 hex digits; for on-chain apps the address of the contract.
    pub(super) app_id: String,
    pub(super) name: String,
    /// Place in the world's list.
    pub(super) kms: usize,
    pub(super) created_at: Moment,
    /// Present exactly if the KMS is on chain.
    pub(super) contract: Option<Contract>,
    pub(super) owner: Option<String>,
    /// Address of the owner, if one was told.
    pub(super) deployer: Option<String>,
    pub(super) owner_signs_after: f64,
    pub(super) revisions: Vec<Revision>,
}

/// One app-compose document the app had.
pub(super) struct Revision {
    pub(super) vm_uuid: String,
    pub(super) document: Document,
    pub(super) created_at: Moment,
    pub(super) operation: &'static str,
    pub(super) encrypted_env: String,
}

impl Revision {
    /// Opaque to clients; follows from what makes the revision.
    fn id(&self) -> String {
        let hash = self.document.hash();
        format!("rev_{}{}", &hash[..6], &self.vm_uuid[..6])
    }
}

impl World {
    pub(super) fn app_list(&self, request: &Request) -> Answer {
        let filter = Filter::read(request)?;
        let version = Version::of(request);
        let rows: Vec<Value> = self
            .apps
            .iter()
            .filter(|app| filter.fits(self, app))
            .map(|app| app.app_id.clone().into())
            .collect();
        // Only the rows of this page are worked out: a workspace may have thousands.
        let mut answer = page(request, &rows, 20, 100)?;
        let shown: Vec<Value> = answer["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| self.app(id.as_str()?).ok())
            .map(|app| self.app_shape(version, app))
            .collect();
        answer = json!({
            "dstack_apps": shown,
            "page": answer["page"],
            "page_size": answer["page_size"],
            "total": answer["total"],
            "total_pages": answer["pages"],
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn app_info(&self, id: &str, request: &Request) -> Answer {
        let shape = self.app_shape(Version::of(request), self.app(id)?);
        Ok(Reply::json(200, &shape))
    }

    /// A bare list, empty if the app has no instance.
    pub(super) fn app_cvms(&self, id: &str, request: &Request) -> Answer {
        let app = self.app(id)?;
        let version = Version::of(request);
        let rows: Value = self
            .cvms_of(app)
            .map(|cvm| self.cvm_row(version, cvm, app))
            .collect();
        Ok(Reply::json(200, &rows))
    }

    pub(super) fn app_kms_info(&self, id: &str) -> Answer {
        let app = self.app(id)?;
        let kms = self.kms_of(app);
        let on_chain = kms.is_on_chain();
        let owner = app.owner.as_deref().filter(|_| on_chain);
        let answer = json!({
            "is_onchain_kms": on_chain,
            "chain_id": kms.chain_id,
            "kms_contract_address": kms.contract,
            "app_contract_address": app.contract.as_ref().map(Contract::address),
            "deployer_address": on_chain.then(|| self.deployer(app)),
            "deployer_type": owner,
            "is_contract": owner.is_some_and(|kind| kind != "eoa"),
            "safe_app_url": null,
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn revisions(&self, id: &str, request: &Request) -> Answer {
        let app = self.app(id)?;
        let rows: Vec<Value> = app
            .revisions
            .iter()
            .map(|revision| self.revision_shape(app, revision))
            .collect();
        let found = page(request, &rows, 50, 1000)?;
        let answer = json!({
            "revisions": found["items"],
            "total": found["total"],
            "page": found["page"],
            "page_size": found["page_size"],
            "total_pages": found["pages"],
        });
        Ok(Reply::json(200, &answer))
    }

    pub(super) fn revision(&self, id: &str, revision: &str, request: &Request) -> Answer {
        let app = self.app(id)?;
        let found = app
            .revisions
            .iter()
            .find(|row| row.id() == revision)
            .ok_or_else(|| Refusal::plain(404, "Revision not found"))?;
        let document = &found.document;
        let mut answer = self.revision_shape(app, found);
        // That the raw form is the very text that was hashed is inference.
        answer["compose_file"] = match request.flag("raw_compose_file")? {
            Some(true) => document.canonical().into(),
            _ => document.to_json(),
        };
        answer["encrypted_env"] = found.encrypted_env.as_str().into();
        answer["user_config"] = "".into();
        Ok(Reply::json(200, &answer))
    }

    /// By `prj_…`, or by app id with or without `0x` or `app_`.
    pub(super) fn app(&self, id: &str) -> Result<&App, Refusal> {
        self.app_position(id).map(|position| &self.apps[position])
    }

    pub(super) fn app_position(&self, id: &str) -> Result<usize, Refusal> {
        let plain = normal(id.strip_prefix("app_").unwrap_or(id));
        self.apps
            .iter()
            .position(|app| app.app_id == plain || app.id == id)
            .ok_or_else(|| Refusal::plain(404, "App not found"))
    }

    pub(super) fn cvms_of<'a>(&'a self, app: &'a App) -> impl Iterator<Item = &'a Cvm> {
        self.cvms.iter().filter(|cvm| cvm.app_id == app.app_id)
    }

    pub(super) fn kms_of(&self, app: &App) -> &Kms {
        &self.kms[app.kms]
    }

    /// Who owns the contract.
    pub(super) fn deployer(&self, app: &App) -> String {
        let made_up = || self.mint.hex(&format!("owner of {}", app.app_id), 20);
        app.deployer
            .clone()
            .unwrap_or_else(|| format!("0x{}", made_up()))
    }

    fn app_shape(&self, version: Version, app: &App) -> Value {
        let cvms: Vec<Value> = self
            .cvms_of(app)
            .map(|cvm| match version {
                Version::V20251028 => self.basic_shape(cvm, app),
                _ => self.cvm_shape(cvm, app),
            })
            .collect();
        json!({
            "id": app.id,
            "name": app.name,
            "app_id": app.app_id,
            "app_provision_type": null,
            "app_icon_url": null,
            "created_at": app.created_at.iso(),
            "kms_type": self.kms_of(app).kind(),
            "profile": null,
            "current_cvm": cvms.first(),
            "cvm_count": cvms.len(),
            "cvms": cvms,
        })
    }

    fn revision_shape(&self, app: &App, revision: &Revision) -> Value {
        let cvm = self.cvms.iter().find(|cvm| cvm.vm_uuid == revision.vm_uuid);
        json!({
            "revision_id": revision.id(),
            "app_id": app.app_id,
            "vm_uuid": revision.vm_uuid,
            "compose_hash": revision.document.hash(),
            "created_at": revision.created_at.iso(),
            "operation_type": revision.operation,
            "trace_id": null,
            "triggered_by": self.user_ref(),
            "cvm": cvm.map(|cvm| json!({
                "object_type": "cvm",
                "id": cvm.id(),
                "name": cvm.name,
                "app_id": cvm.app_id,
                "vm_uuid": cvm.vm_uuid,
            })),
            "workspace": self.workspace_ref(),
        })
    }
}

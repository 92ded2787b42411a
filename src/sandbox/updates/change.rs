//! What an instance is to become: read from a patch, and checked.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::sandbox::{
    cvm::{Cvm, Size},
    document::Document,
    environment::{Environment, Unreadable},
    refusal::{FieldProblem, INVALID_PARAMETERS, NO_GPU, NO_SUCH_TYPE, Refusal},
    world::World,
};

/// Body of `PATCH /cvms/{id}`. The older endpoints each bring a part of it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Patch {
    pub(in crate::sandbox) docker_compose_file: Option<String>,
    pub(in crate::sandbox) pre_launch_script: Option<String>,
    pub(in crate::sandbox) allowed_envs: Option<Vec<String>>,
    pub(in crate::sandbox) public_logs: Option<bool>,
    pub(in crate::sandbox) public_sysinfo: Option<bool>,
    pub(in crate::sandbox) public_tcbinfo: Option<bool>,
    pub(in crate::sandbox) encrypted_env: Option<String>,
    pub(in crate::sandbox) user_config: Option<String>,
    pub(in crate::sandbox) gpus: Option<Value>,
    #[serde(default, deserialize_with = "whole")]
    pub(in crate::sandbox) vcpu: Option<u64>,
    /// Megabytes.
    #[serde(default, deserialize_with = "whole")]
    pub(in crate::sandbox) memory: Option<u64>,
    /// Gigabytes, as everywhere else, although the vendor's schema says megabytes here.
    #[serde(default, deserialize_with = "whole")]
    pub(in crate::sandbox) disk_size: Option<u64>,
    pub(in crate::sandbox) instance_type: Option<String>,
    pub(in crate::sandbox) image: Option<String>,
    pub(in crate::sandbox) shutdown_timeout: Option<u64>,
    #[expect(
        dead_code,
        reason = "every guest of the sandbox ends when it is told to"
    )]
    pub(in crate::sandbox) allow_force_stop: Option<bool>,
    #[expect(dead_code, reason = "the sandbox always restarts")]
    pub(in crate::sandbox) allow_restart: Option<Value>,
}

/// What an instance is to become.
#[derive(Clone)]
pub(in crate::sandbox) struct Change {
    pub(in crate::sandbox) vm_uuid: String,
    pub(in crate::sandbox) document: Document,
    /// The blob as it came, and what the guest makes of it.
    pub(in crate::sandbox) environment: Option<(String, Result<Environment, Unreadable>)>,
    pub(in crate::sandbox) user_config: Option<String>,
    pub(in crate::sandbox) size: Size,
    pub(in crate::sandbox) instance_type: String,
    pub(in crate::sandbox) image: String,
}

impl Change {
    /// Nothing but another document.
    pub(in crate::sandbox) fn to(cvm: &Cvm, document: Document) -> Self {
        Self {
            vm_uuid: cvm.vm_uuid.clone(),
            document,
            environment: None,
            user_config: None,
            size: cvm.size,
            instance_type: cvm.instance_type.clone(),
            image: cvm.image.clone(),
        }
    }
}

impl World {
    pub(super) fn change(&self, cvm: &Cvm, patch: Patch) -> Result<Change, Refusal> {
        let mut document = cvm.document.with(
            patch.docker_compose_file.as_deref(),
            patch.pre_launch_script.as_deref(),
        );
        if let Some(names) = patch.allowed_envs {
            document = document.set("allowed_envs", names.into());
        }
        for (name, flag) in [
            ("public_logs", patch.public_logs),
            ("public_sysinfo", patch.public_sysinfo),
            ("public_tcbinfo", patch.public_tcbinfo),
        ] {
            if let Some(flag) = flag {
                document = document.set(name, flag.into());
            }
        }
        self.check_document(&document, patch.docker_compose_file.is_some())?;
        let environment = match patch.encrypted_env {
            None => None,
            Some(blob) => {
                let opened = self.open(&cvm.app_id, &blob, &document)?;
                Some((blob, opened))
            }
        };
        if patch.gpus.is_some() {
            return Err(Refusal::coded(NO_GPU, "The node has no GPU"));
        }
        if patch
            .shutdown_timeout
            .is_some_and(|seconds| !(10..=1200).contains(&seconds))
        {
            let message = "Input should be between 10 and 1200";
            return Err(Refusal::field(FieldProblem::body(
                "shutdown_timeout",
                "out_of_range",
                message,
            )));
        }
        let (instance_type, mut size) = match patch.instance_type {
            None => (cvm.instance_type.clone(), cvm.size),
            Some(name) => {
                let kinds = &self.scenario.instance_types;
                let kind = kinds.get(&name).ok_or_else(|| {
                    Refusal::coded(NO_SUCH_TYPE, "There is no such instance type")
                })?;
                (name, Size::from(kind))
            }
        };
        size.vcpu = patch.vcpu.unwrap_or(size.vcpu);
        size.memory_mb = patch.memory.unwrap_or(size.memory_mb);
        // A type with a smaller disk leaves the disk as it is; a smaller disk by itself is a mistake.
        size.disk_gb = patch
            .disk_size
            .unwrap_or(size.disk_gb.max(cvm.size.disk_gb));
        if size.disk_gb < cvm.size.disk_gb || size.vcpu == 0 || size.memory_mb == 0 {
            let message = "A disk cannot shrink, and a machine needs a vCPU and memory";
            return Err(Refusal::coded(INVALID_PARAMETERS, message));
        }
        if let Some(node) = self.node(cvm.node).filter(|_| size != cvm.size) {
            node.check_growth(cvm.size, size)?;
        }
        Ok(Change {
            vm_uuid: cvm.vm_uuid.clone(),
            document,
            environment,
            user_config: patch.user_config,
            size,
            instance_type,
            image: match patch.image {
                None => cvm.image.clone(),
                Some(name) => self.image_named(&name)?,
            },
        })
    }
}

/// A whole number, which an official client may write as `2.0`.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(from)? else {
        return Ok(None);
    };
    if number.fract() == 0.0 && (0.0..1e9).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and in range, as was just seen"
        )]
        return Ok(Some(number as u64));
    }
    Err(D::Error::custom("expected a whole number"))
}

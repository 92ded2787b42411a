//! What the two SDKs have to make of the sandbox's answers.
//!
//! They have the same actions under names of their own style, and read the same bytes, so what they have to see in them
//! is written once.

use serde_json::{Value, json};

use super::{Expect, Expected};

/// In the order of `sdk.mjs`.
pub fn typescript() -> Vec<Expected> {
    of(Sdk::TypeScript, &["2025-10-28", "2026-01-21"])
}

/// In the order of `sdk.py`.
pub fn python() -> Vec<Expected> {
    of(
        Sdk::Python,
        &["2025-10-28", "2026-01-21", "2026-05-22", "2026-06-23"],
    )
}

#[derive(Clone, Copy, PartialEq)]
enum Sdk {
    TypeScript,
    Python,
}

/// Actions without a row. The Python SDK only passes on two that dstack-sdk no longer has; the third asks nobody.
const NOT_ASKED: &[&str] = &[
    "addComposeHash",
    "deployAppAuth",
    "validateActionParameters",
];

fn of(sdk: Sdk, versions: &[&str]) -> Vec<Expected> {
    let spoken = versions.iter().map(|version| Spoken { sdk, version });
    let mut all: Vec<Expected> = spoken.flat_map(Spoken::expected).collect();
    let called = |expected: &Expected| expected.call.split(',').next().unwrap().to_owned();
    let mut actions: Vec<String> = all.iter().map(called).collect();
    actions.extend(NOT_ASKED.iter().map(|name| sdk.name(name)));
    all.insert(
        0,
        Expected {
            version: None,
            call: "actions".to_owned(),
            expect: Expect::Among(actions),
        },
    );
    all
}

impl Sdk {
    /// An action's name in the style of this SDK.
    fn name(self, name: &str) -> String {
        let part = name.find(',').unwrap_or(name.len());
        let (action, rest) = name.split_at(part);
        let snake = action.chars().fold(String::new(), |snake, c| match c {
            'A'..='Z' => format!("{snake}_{}", c.to_ascii_lowercase()),
            _ => format!("{snake}{c}"),
        });
        match self {
            Self::TypeScript => name.to_owned(),
            Self::Python => snake + rest,
        }
    }
}

/// An SDK in one version of the API.
#[derive(Clone, Copy)]
struct Spoken<'a> {
    sdk: Sdk,
    version: &'a str,
}

type Row = (&'static str, Expect);

fn ok(call: &'static str, pattern: Value) -> Row {
    (call, Expect::Read(pattern))
}

impl Spoken<'_> {
    fn expected(self) -> Vec<Expected> {
        let mut rows = [
            self.account(),
            self.apps(),
            self.cvms(),
            self.instances(),
            self.updates(),
        ]
        .concat();
        match self.sdk {
            Sdk::TypeScript => rows.extend(Self::only_typescript()),
            Sdk::Python => {
                rows.extend(Self::only_python());
                for (call, expect) in &mut rows {
                    if let Some(known) = self.known(call) {
                        *expect = known;
                    }
                }
            }
        }
        rows.into_iter()
            .map(|(call, expect)| Expected {
                version: Some(self.version.to_owned()),
                call: self.sdk.name(call),
                expect,
            })
            .collect()
    }

    /// What the Python SDK cannot take, because the others need it otherwise.
    fn known(self, call: &str) -> Option<Expect> {
        let known = |reason, says| Some(Expect::Known { reason, says });
        match (self.version, call) {
            ("2025-10-28", "getAppCvms") => known("a", "~has CvmInfoV20260522"),
            ("2025-10-28", "createAppInstance, central KMS" | "createAppInstance, commit") => {
                known("c", "~has CvmInfoV20260522")
            }
            (
                "2025-10-28",
                "getAppDeviceAllowlist"
                | "checkAppCvmsIsAllowed"
                | "checkCvmIsAllowed"
                | "getCvmInfo"
                | "refreshCvmInstanceId"
                | "refreshCvmInstanceIds"
                | "restartCvm"
                | "stopCvm"
                | "startCvm"
                | "shutdownCvm"
                | "replicateCvm"
                | "commitCvmProvision",
            ) => known("a", "~has Input should be a valid string"),
            ("2026-01-21", "getCvmInfo" | "getCvmState") => {
                known("b", "~has Input should be a valid integer")
            }
            ("2026-01-21", "createAppInstance, central KMS" | "createAppInstance, commit") => {
                known("c", "~has CvmInfoV20260121")
            }
            _ => None,
        }
    }

    /// A refusal with this status, and this code where it has one.
    fn no(self, call: &'static str, status: u16, code: Option<&str>) -> Row {
        let (status_name, code_name) = match self.sdk {
            Sdk::TypeScript => ("status", "errorCode"),
            Sdk::Python => ("status_code", "error_code"),
        };
        let class = match (status, code) {
            (_, Some(_)) => "ResourceError",
            (401, None) => "AuthError",
            _ => "BusinessError",
        };
        let mut parsed = json!({ "name": class, status_name: status });
        if let Some(code) = code {
            parsed[code_name] = json!(code);
        }
        (call, Expect::Refused(json!({ "parsed": parsed })))
    }

    fn is_first(self) -> bool {
        self.version == "2025-10-28"
    }

    /// The id of an instance where it is a number in older versions.
    fn number(self) -> &'static str {
        if self.version < "2026-05-22" {
            "~int"
        } else {
            "~cvm_"
        }
    }

    fn account(self) -> Vec<Row> {
        let me = if self.is_first() {
            json!({"username": "you", "team_name": "Sandbox Team", "credits": 125.0})
        } else {
            json!({"user": {"username": "you", "role": "user"}, "workspace": {"slug": "sandbox-team"}, "credits": {"balance": "~text"}})
        };
        let me = match (self.sdk, self.is_first()) {
            // JSON has one kind of number, JavaScript too.
            (Sdk::TypeScript, true) => {
                json!({"username": "you", "team_name": "Sandbox Team", "credits": 125})
            }
            _ => me,
        };
        let workspace =
            json!({"id": "~wks_", "slug": "sandbox-team", "tier": "PRO", "role": "owner"});
        let quota = json!({"limit": "~int", "remaining": "~int"});
        let kind = json!([{"id": "~has tdx.", "vcpu": "~int", "memory_mb": "~int", "hourly_rate": "~text"}]);
        let kms = json!({"id": "~kms_", "url": "~url", "version": "~text"});
        let base = json!({"id": "~kms_", "slug": "base", "chain_id": 8453, "kms_contract_address": "~address"});
        let node = json!({"teepod_id": "~int", "name": "~has prod", "remaining_cvm_slots": "~number", "images": [{"version": ["~int"]}]});
        vec![
            ok("getCurrentUser", me),
            ok(
                "listWorkspaces",
                json!({"data": [workspace], "pagination": {"has_more": false}}),
            ),
            ok("getWorkspace", workspace),
            ok(
                "getWorkspaceNodes",
                json!({"total": 5, "items": [{"object_type": "node", "id": "~int", "device_id": "~hash"}]}),
            ),
            ok(
                "getWorkspaceQuotas",
                json!({"team_slug": "sandbox-team", "quotas": {"vm_slots": quota, "memory_mb": quota}, "as_of": "~time"}),
            ),
            ok(
                "getAvailableNodes",
                json!({"tier": "PRO", "nodes": [node], "kms_list": [kms]}),
            ),
            ok(
                "listAllInstanceTypeFamilies",
                json!({"result": [{"name": "cpu", "items": kind, "total": 3}]}),
            ),
            ok(
                "listFamilyInstanceTypes",
                json!({"family": "cpu", "items": kind}),
            ),
            ok(
                "getOsImages",
                json!({"total": 2, "items": [{"is_dev": false, "version": "~text", "os_image_hash": "~hash"}]}),
            ),
            ok("getKmsList", json!({"total": 3, "items": [kms]})),
            ok("getKmsInfo", base),
            ok(
                "getKmsOnChainDetail",
                json!({"chain_name": "base", "chain_id": 8453, "contracts": [{"contract_address": "~address", "devices": [{"device_id": "~hash"}]}]}),
            ),
            ok(
                "nextAppIds",
                json!({"app_ids": [{"app_id": "~address", "nonce": "~int"}]}),
            ),
            ok(
                "createSshKey",
                json!({"id": "~key_", "name": format!("key {}", self.version), "key_type": "ed25519"}),
            ),
            ok(
                "listSshKeys",
                json!([{"name": format!("key {}", self.version), "fingerprint": "~has SHA256:"}]),
            ),
            ok("deleteSshKey", Value::Null),
            ok(
                "importGithubProfileSshKeys",
                json!({"github_username": "you", "keys_added": 0}),
            ),
            ok("syncGithubSshKeys", json!({"keys_added": 0})),
            self.no("getCurrentUser, wrong key", 401, None),
        ]
    }

    /// A row of a list of instances, of this app's.
    fn row(self) -> Value {
        if self.is_first() {
            return json!({
                "hosted": {"id": "~bare uuid", "app_id": "~address", "status": "~text", "uptime": "~text"},
                "name": "~text",
                "node": {"id": "~int", "name": "~has prod"},
                "public_urls": "~list",
            });
        }
        json!({
            "id": "~cvm_",
            "name": "~text",
            "vm_uuid": "~uuid",
            "app_id": "~address",
            "resource": {"vcpu": "~int", "memory_in_gb": "~number"},
            "node_info": {"object_type": "node", "name": "~has prod"},
            "status": "~text",
            "compose_hash": "~hash",
            "gateway": {"base_domain": "~text"},
        })
    }

    /// What an app says of its instance.
    fn current(self) -> Value {
        if self.is_first() {
            json!({"vm_uuid": "~uuid", "teepod_name": "prod5", "vcpu": 2, "memory": 4096})
        } else {
            json!({"id": "~cvm_", "vm_uuid": "~uuid", "status": "running", "compose_hash": "~hash"})
        }
    }

    fn apps(self) -> Vec<Row> {
        let app = |name: &str| json!({"id": "~prj_", "name": name, "app_id": "~address", "kms_type": "~text", "created_at": "~time"});
        let mut orders = app("orders-api");
        orders["current_cvm"] = self.current();
        let allowed = json!({"is_allowed": true});
        let revision = json!({"revision_id": "~text", "compose_hash": "~hash", "vm_uuid": "~uuid", "operation_type": "~text", "created_at": "~time"});
        vec![
            ok(
                "getAppList",
                json!({"total": "~int", "dstack_apps": [app("~text")]}),
            ),
            ok(
                "getAppList, filtered",
                json!({"total": 1, "dstack_apps": [app("pricing-oracle")]}),
            ),
            ok(
                "getAppFilterOptions",
                json!({"statuses": ["~text"], "kms_types": ["~text"], "nodes": ["~has prod"]}),
            ),
            ok("getAppInfo", orders),
            self.no("getAppInfo, of no app", 404, None),
            ok("getAppCvms", json!([self.row()])),
            ok(
                "getAppDeviceAllowlist",
                json!({"is_onchain_kms": true, "chain_id": 8453, "app_contract_address": "~address", "devices": [{"device_id": "~hash", "allowed_onchain": "~bool"}]}),
            ),
            ok(
                "getAppDeviceAllowlist, central KMS",
                json!({"is_onchain_kms": false, "devices": []}),
            ),
            ok(
                "getAppAttestation",
                json!({"app_id": "~address", "kms_info": {"kms_type": "phala"}, "instances": [{"vm_uuid": "~uuid", "quote": "~hex"}]}),
            ),
            ok(
                "getAppRevisions",
                json!({"total": "~int", "revisions": [revision]}),
            ),
            ok(
                "getAppRevisionDetail",
                json!({"revision_id": "~text", "compose_hash": "~hash"}),
            ),
            ok(
                "getAppRevisionDetail, raw",
                json!({"compose_hash": "~hash", "compose_file": "~text"}),
            ),
            ok("checkAppIsAllowed", allowed.clone()),
            ok(
                "checkAppCvmsIsAllowed",
                json!({"results": [{"compose_hash": "~hash"}]}),
            ),
            ok("checkCvmIsAllowed", allowed),
            ok(
                "getAppEnvEncryptPubKey",
                json!({"public_key": "~hash", "signature": "~hex"}),
            ),
        ]
    }

    fn cvms(self) -> Vec<Row> {
        let info = if self.is_first() {
            json!({"id": "~int", "name": "kv-cache", "vm_uuid": "~uuid", "status": "running", "encrypted_env_pubkey": "~hash", "syslog_endpoint": "~url"})
        } else {
            json!({"id": "~cvm_", "name": "kv-cache", "vm_uuid": "~uuid", "status": "running", "os": {"name": "~text"}, "kms_type": "phala"})
        };
        let container = json!({"id": "~hash", "image": "~text", "names": ["~has /dstack-"], "state": "running", "created": "~int", "log_endpoint": "~url"});
        let disk = json!({"name": "~text", "total_size": "~int"});
        let certificate = json!({"subject": {"common_name": "~text"}, "not_after": "~time", "fingerprint": "~hash"});
        let measured = json!({"mrtd": "~hex", "rtmr3": "~hex", "event_log": [{"imr": "~int", "digest": "~hex"}]});
        let refreshed = json!({"status": "unchanged", "new_instance_id": "~address"});
        let mut rows = vec![
            ok(
                "getCvmList",
                json!({"total": "~int", "page": 1, "items": [self.row()]}),
            ),
            ok("getCvmInfo", info.clone()),
            self.no("getCvmInfo, of no instance", 404, Some("ERR-03-001")),
            ok(
                "getCvmState",
                json!({"name": "kv-cache", "status": "running", "boot_progress": "done", "instance_id": "~address"}),
            ),
            ok("getCvmStatusBatch", json!("~object")),
            ok(
                "getCvmComposeFile",
                json!({"docker_compose_file": "~has services:", "allowed_envs": ["~text"], "manifest_version": 2}),
            ),
            ok("getCvmDockerCompose", json!("~has services:")),
            ok("getCvmPreLaunchScript", json!("~has #!/bin/bash")),
            ok("getCvmUserConfig", json!({"hostname": "kv-cache"})),
            ok(
                "getCvmNetwork",
                json!({"is_online": true, "internal_ip": "~text", "public_urls": "~list"}),
            ),
            ok(
                "getCvmStats",
                json!({"is_online": true, "boot_progress": "done", "sysinfo": {"num_cpus": "~int", "total_memory": "~int", "disks": [disk]}}),
            ),
            ok(
                "getCvmContainersStats",
                json!({"is_online": true, "containers": [container]}),
            ),
            ok(
                "getCvmAttestation",
                json!({"is_online": true, "app_certificates": [certificate], "tcb_info": measured}),
            ),
            ok(
                "getAvailableOsImages",
                json!([{"version": ["~int"], "prod": {"name": "~has dstack-"}}]),
            ),
            ok("refreshCvmInstanceId", refreshed.clone()),
            ok(
                "refreshCvmInstanceIds",
                json!({"scanned": "~int", "errors": 0, "items": [refreshed]}),
            ),
        ];
        if self.sdk == Sdk::TypeScript {
            rows.insert(2, ok("getCvmInfo, by UUID", info));
        }
        rows
    }

    /// What an instance says of itself after a request that changed it.
    fn vm(self, status: &str) -> Value {
        json!({"id": self.number(), "status": status, "vm_uuid": "~uuid", "app_id": "~address"})
    }

    fn instances(self) -> Vec<Row> {
        let watched = match self.sdk {
            Sdk::TypeScript => {
                json!({"status": "running", "boot_progress": "done", "events": ["~text"]})
            }
            Sdk::Python => json!({"status": "running", "target": "running", "elapsed": "~number"}),
        };
        vec![
            ok("createAppInstance, central KMS", self.vm("provisioning")),
            ok("watchCvmState", watched),
            ok("restartCvm", self.vm("restarting")),
            ok("stopCvm", self.vm("stopping")),
            ok("startCvm", self.vm("starting")),
            ok("shutdownCvm", self.vm("shutting down")),
            ok("deleteCvm", Value::Null),
            self.no("deleteCvm, deleted", 404, Some("ERR-03-001")),
            self.no("createAppInstance, prepare", 465, Some("ERR-01-005")),
            self.no("createAppInstance, token unknown", 466, Some("ERR-01-006")),
            ok("createAppInstance, commit", self.vm("provisioning")),
            self.no("createAppInstance, token used", 466, Some("ERR-01-006")),
            ok("replicateCvm", self.vm("provisioning")),
        ]
    }

    fn updates(self) -> Vec<Row> {
        let accepted = json!({"status": "in_progress", "correlation_id": "~text"});
        let (at_once, needed, confirmed) = match self.sdk {
            Sdk::TypeScript => (
                json!({"requiresOnChainHash": false, "correlationId": "~text"}),
                json!({"requiresOnChainHash": true, "composeHash": "~hash", "deviceId": "~hash", "kmsInfo": {"chain_id": 1}}),
                json!({"correlationId": "~text"}),
            ),
            Sdk::Python => (
                json!({"requires_on_chain_hash": false, "correlation_id": "~text"}),
                json!({"requires_on_chain_hash": true, "compose_hash": "~hash", "device_id": "~hash", "kms_info": {"chain_id": 1}}),
                json!({"correlation_id": "~text"}),
            ),
        };
        let resources = match self.sdk {
            Sdk::TypeScript => Value::Null,
            // This one asks another endpoint, which says more.
            Sdk::Python => accepted.clone(),
        };
        vec![
            ok("patchCvm, central KMS", at_once),
            ok("updateDockerCompose", accepted.clone()),
            ok("updatePreLaunchScript", accepted.clone()),
            ok(
                "updateCvmVisibility",
                json!({"name": "kv-cache", "status": "updating"}),
            ),
            ok("updateCvmResources", resources),
            ok("updateOsImage", Value::Null),
            ok("updateCvmEnvs", accepted),
            ok(
                "provisionCvmComposeFileUpdate",
                json!({"compose_hash": "~hash", "device_id": "~hash", "kms_info": {"id": "~kms_"}}),
            ),
            ok("commitCvmComposeFileUpdate", Value::Null),
            ok("patchCvm, unregistered", needed),
            ok("confirmCvmPatch", confirmed),
            ok(
                "provisionCvm",
                json!({"app_id": "~address", "compose_hash": "~hash", "app_env_encrypt_pubkey": "~hash", "node_id": "~int"}),
            ),
            ok(
                "commitCvmProvision",
                json!({"id": self.number(), "name": format!("new-{}", self.version), "status": "provisioning"}),
            ),
        ]
    }

    fn only_typescript() -> Vec<Row> {
        vec![
            ok("checkComposeHashAllowed", json!(true)),
            ok("checkDeviceAllowed", json!(true)),
            ok(
                "checkOnChainPrerequisites",
                json!({"allowAnyDevice": false, "deviceAllowed": true, "composeHashAllowed": true}),
            ),
            ok(
                "getAllowedDevices",
                json!({"owner": "~address", "allowAnyDevice": false, "devices": ["~hash"]}),
            ),
            ok("deleteCvm, a replica", Value::Null),
            ok("deleteCvm, a committed one", Value::Null),
            ok(
                "patchCvm, prepare",
                json!({"requiresOnChainHash": true, "commitToken": "~uuid", "composeHash": "~hash"}),
            ),
            ok(
                "commitCvmUpdate",
                json!({"status": "in_progress", "correlationId": "~text"}),
            ),
            ok("deleteCvm, a new app's", Value::Null),
            ok(
                "addComposeHash",
                json!({"composeHash": "~hash", "transactionHash": "~hash"}),
            ),
            ok(
                "addDevice",
                json!({"deviceId": "~hash", "transactionHash": "~hash"}),
            ),
            ok(
                "removeDevice",
                json!({"deviceId": "~hash", "transactionHash": "~hash"}),
            ),
            ok(
                "setAllowAnyDevice",
                json!({"allow": true, "transactionHash": "~hash"}),
            ),
            ok(
                "checkOnChainPrerequisites, signed",
                json!({"allowAnyDevice": true, "deviceAllowed": true, "composeHashAllowed": true}),
            ),
            ok(
                "setAllowAnyDevice, off",
                json!({"allow": false, "transactionHash": "~hash"}),
            ),
            ok(
                "deployAppAuth",
                json!({"appId": "~address", "deployer": "~address", "transactionHash": "~hash"}),
            ),
        ]
    }

    fn only_python() -> Vec<Row> {
        let contract = json!({"id": "~kc_", "chain_id": "~int", "node_count": "~int"});
        vec![
            ok(
                "getCvmCreateResources",
                json!({"nodes": "~list", "instance_types": "~list"}),
            ),
            ok("listKmsContracts", json!({"items": [contract]})),
            ok(
                "getKmsContract",
                json!({"id": "~kc_", "chain_id": 8453, "contract_address": "~address"}),
            ),
            ok(
                "listKmsContractNodes",
                json!({"items": [{"id": "~text", "url": "~url"}]}),
            ),
        ]
    }
}

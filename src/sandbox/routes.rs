//! The table of endpoints: which call is answered by what.
//!
//! It decides nothing but who has to be signed in.

use super::{
    message::{Reply, Request},
    refusal::Refusal,
    ssh_keys,
    world::{Answer, World},
};

impl World {
    pub(super) fn route(&mut self, request: &Request) -> Answer {
        let segments = request.segments();
        let method = request.method.as_str();
        if let Some(answer) = self.open_door(method, &segments, request) {
            return answer;
        }
        if !self.is_signed_in(request) {
            return Err(Refusal::plain(401, "Could not validate credentials"));
        }
        let answer = match segments.as_slice() {
            ["apps", rest @ ..] => self.apps_route(method, rest, request),
            ["cvms", rest @ ..] => self.cvms_route(method, rest, request),
            ["kms", rest @ ..] => self.kms_route(method, rest, request),
            ["user", "ssh-keys", rest @ ..] => self.ssh_route(method, rest, request),
            _ => self.other_route(method, &segments, request),
        };
        answer.unwrap_or_else(|| Err(Refusal::plain(404, "Not Found")))
    }

    /// What needs no key: signing in, and what a token in the request opens.
    fn open_door(&mut self, method: &str, segments: &[&str], request: &Request) -> Option<Answer> {
        Some(match (method, segments) {
            ("POST", ["auth", "device", "code"]) => self.device_code(request),
            ("POST", ["auth", "device", "token"]) => self.device_token(request),
            ("GET", ["auth", "device"]) => self.approve_device(request),
            ("POST", ["cvms", cvm, "commit-update"]) => self.commit_update(cvm, request),
            ("GET", ["cvms", cvm, "commit-update"]) => self.commit_preview(cvm, request),
            ("POST", ["cvms", cvm, "commit-replica"]) => self.commit_replica(cvm, request),
            ("POST", ["apps", app, "instances"]) if self.may_commit_without_key(request) => {
                self.add_instance(app, request)
            }
            ("GET", ["apps", app, "attestations"])
                if self.scenario.rules.app_attestations_are_public =>
            {
                self.app_attestations(app)
            }
            ("GET", ["nodelog", cvm]) => self.log(cvm, None, request),
            ("GET", ["nodelog", cvm, container]) => self.log(cvm, Some(container), request),
            _ => return None,
        })
    }

    fn other_route(
        &mut self,
        method: &str,
        segments: &[&str],
        request: &Request,
    ) -> Option<Answer> {
        Some(match (method, segments) {
            ("GET", ["auth", "me"]) => Ok(self.me(request)),
            ("GET", ["workspaces"]) => self.workspaces(request),
            ("GET", ["workspaces", slug]) => self.workspace(slug),
            ("GET", ["workspaces", slug, "quotas"]) => self.quotas(slug),
            ("GET", ["workspaces", slug, "nodes"]) => self.workspace_nodes(slug, request),
            ("GET", ["teepods", "available"]) => Ok(self.available_nodes()),
            ("GET", ["teepods", "cvm-create-resources"]) => Ok(self.creation_resources()),
            ("GET", ["instance-types"]) => Ok(self.instance_types()),
            ("GET", ["instance-types", family]) => self.instance_family(family),
            ("GET", ["os-images"]) => self.os_images(request),
            ("POST", ["status", "batch"]) => self.status_batch(request),
            _ => return None,
        })
    }

    fn kms_route(&self, method: &str, rest: &[&str], request: &Request) -> Option<Answer> {
        Some(match (method, rest) {
            ("GET", []) => self.kms_list(request),
            ("GET", ["phala", "next_app_id"]) => self.next_app_ids(request),
            ("GET", ["on-chain", chain]) => self.on_chain_kms(chain),
            ("GET", [name]) => self.kms_info(name, request),
            ("GET", [name, "nodes"]) => self.contract_nodes(name),
            ("GET", [name, "pubkey", app]) => self.env_public_key(name, app),
            _ => return None,
        })
    }

    fn ssh_route(&mut self, method: &str, rest: &[&str], request: &Request) -> Option<Answer> {
        Some(match (method, rest) {
            ("GET", []) => Ok(self.ssh_key_list()),
            ("POST", []) => self.add_ssh_key(request),
            ("POST", ["github-profile"]) => ssh_keys::import(request),
            ("POST", ["github-sync"]) => Ok(ssh_keys::sync()),
            ("DELETE", [key]) => self.delete_ssh_key(key),
            _ => return None,
        })
    }

    fn apps_route(&mut self, method: &str, rest: &[&str], request: &Request) -> Option<Answer> {
        Some(match (method, rest) {
            ("GET", []) => self.app_list(request),
            ("GET", ["filter-options"]) => Ok(self.filter_options()),
            ("GET", [app]) => self.app_info(app, request),
            ("GET", [app, "cvms"]) => self.app_cvms(app, request),
            ("GET", [app, "device-allowlist"]) => self.device_allowlist(app, request),
            ("GET", [app, "kms-info"]) => self.app_kms_info(app),
            ("GET", [app, "attestations"]) => self.app_attestations(app),
            ("GET", [app, "revisions"]) => self.revisions(app, request),
            ("GET", [app, "revisions", id]) => self.revision(app, id, request),
            ("GET", [app, "pending-updates"]) => self.pending_updates(app),
            ("GET", [app, "pending-updates", cvm, hash, "preview"]) => {
                self.pending_preview(app, cvm, hash)
            }
            ("POST", [app, "is-allowed"]) => self.is_allowed(app, request),
            ("POST", [app, "cvms", "is-allowed"]) => self.are_cvms_allowed(app, request),
            ("POST", [app, "instances"]) => self.add_instance(app, request),
            ("POST", [app, "cvms", cvm, "replicas"]) => self.replicate_in(app, cvm, request),
            _ => return None,
        })
    }

    fn cvms_route(&mut self, method: &str, rest: &[&str], request: &Request) -> Option<Answer> {
        Some(match (method, rest) {
            ("GET", []) => Ok(self.bare_cvm_list(request)),
            ("GET", ["paginated"]) => self.cvm_list(request),
            ("POST", ["provision"]) => self.provision(request),
            ("POST", []) => self.create_app(request),
            ("POST", ["batch-stop"]) => self.batch_stop(request),
            ("PATCH", ["instance-ids"]) => self.refresh_instance_ids(request),
            ("GET", [cvm]) => self.cvm_info(cvm, request),
            ("PATCH", [cvm]) => self.patch_cvm(cvm, request),
            ("DELETE", [cvm]) => self.delete_cvm(cvm),
            ("GET", [cvm, word]) => return self.cvm_look(cvm, word, request),
            ("PATCH", [cvm, word]) => return self.cvm_change(cvm, word, request),
            ("POST", [cvm, "start"]) => self.start_cvm(cvm, request),
            ("POST", [cvm, "stop"]) => self.stop_cvm(cvm, request),
            ("POST", [cvm, "shutdown"]) => self.shut_cvm_down(cvm, request),
            ("POST", [cvm, "restart"]) => self.restart_cvm(cvm, request),
            ("POST", [cvm, "replicas"]) => self.replicate(cvm, request),
            ("POST", [cvm, "is-allowed"]) => self.is_cvm_allowed(cvm, request),
            ("POST", [cvm, "compose_file", "provision"]) => {
                self.provision_compose_file(cvm, request)
            }
            ("POST", [cvm, "operations", "cancel"]) => self.cancel_operation(cvm),
            _ => return None,
        })
    }

    fn cvm_look(&self, cvm: &str, word: &str, request: &Request) -> Option<Answer> {
        Some(match word {
            "state" => self.cvm_state(cvm, request),
            "network" => self.network(cvm),
            "stats" => self.stats(cvm),
            "composition" => self.composition(cvm),
            "compose_file" => self.compose_document(cvm),
            // The reference names the endpoint with and without its ending.
            "docker-compose.yml" | "docker-compose" => self.docker_compose(cvm),
            "pre-launch-script" => self.pre_launch_script(cvm),
            "user_config" => self.user_config(cvm),
            "attestation" => self.attestation(cvm),
            "available-os-images" => self.available_images(cvm),
            "operations" => self.operations(cvm, request),
            "operation-status" => self.operation_status(cvm),
            _ => return None,
        })
    }

    fn cvm_change(&mut self, cvm: &str, word: &str, request: &Request) -> Option<Answer> {
        Some(match word {
            "envs" => self.patch_envs(cvm, request),
            "docker-compose" => self.patch_docker_compose(cvm, request),
            "pre-launch-script" => self.patch_script(cvm, request),
            "compose_file" => self.commit_compose_file(cvm, request),
            "visibility" => self.patch_visibility(cvm, request),
            "resources" => self.patch_resources(cvm, request),
            "os-image" => self.patch_image(cvm, request),
            "name" => self.rename_cvm(cvm, request),
            "listed" => self.list_cvm(cvm, request),
            "instance-id" => self.refresh_instance_id(cvm, request),
            _ => return None,
        })
    }

    pub(super) fn reply(&mut self, request: &Request) -> Reply {
        self.route(request).unwrap_or_else(Refusal::into_reply)
    }
}

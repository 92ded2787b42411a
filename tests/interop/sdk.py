"""Drives the official Python SDK, `phala-cloud`, through every action it has, in each version of the API it speaks.

API_URL, API_KEY   a service whose contracts are signed soon

One line of JSON per call: {client, version, call, ok, parsed, error}. What was parsed is what the SDK gave back after its
own models. Ids come from the SDK in its newest version, because in older ones it cannot read some of them. It does not
judge.
"""

import faulthandler
import json
import os
import time

from phala_cloud import SUPPORTED_API_VERSIONS, actions, create_client, encrypt_env_vars
from pydantic import BaseModel

URL, KEY = os.environ["API_URL"], os.environ["API_KEY"]
# A service that never answers shall not keep a test for ever.
faulthandler.dump_traceback_later(240, exit=True)


def plain(value):
    """What the SDK gave back, as JSON."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def refusal(error):
    """What the SDK says of a refusal: its class, and what it read."""
    said = ("status_code", "error_code", "structured_details")
    return {"name": type(error).__name__, **{name: getattr(error, name, None) for name in said}}


def tell(version, call, ok, parsed, error):
    line = {"client": "phala-cloud", "version": version, "call": call, "ok": ok, "parsed": parsed, "error": error}
    print(json.dumps(line), flush=True)


class Does:
    """Makes calls with one client, tells what came of each, and gives that back."""

    def __init__(self, client):
        self.client = client

    def __call__(self, action, *request, name=None):
        version = self.client.config.version
        try:
            parsed = plain(getattr(self.client, action)(*request))
            tell(version, name or action, True, parsed, None)
        except Exception as error:  # Whatever it is, it is what a caller would meet.
            parsed = refusal(error)
            tell(version, name or action, False, parsed, str(error)[:2000])
        return parsed


def until(ask, holds):
    """Asks without telling until it holds; a service that is not there in time is told by the next call."""
    for _ in range(200):
        if holds(ask()):
            return
        time.sleep(0.05)


def client(version, key=KEY, **headers):
    return create_client(api_key=key, base_url=URL, version=version, headers=headers)


newest = client(SUPPORTED_API_VERSIONS[-1])


def settled(uuid, status="running"):
    """Until nothing holds the instance any more."""
    ask = {"vm_uuids": [uuid]}
    there = lambda all: uuid in all and all[uuid].status == status and not all[uuid].in_progress
    until(lambda: newest.get_cvm_status_batch(ask), there)


def signed(app_id, compose_hash, device_id):
    ask = {"app_id": app_id, "compose_hash": compose_hash, "device_id": device_id}
    until(lambda: newest.check_app_is_allowed(ask), lambda answer: plain(answer)["is_allowed"])


def uuids(app_id):
    return {row["vm_uuid"] for row in plain(newest.get_app_cvms({"app_id": app_id}))}


def account(does, version):
    does("get_current_user")
    slug = does("list_workspaces")["data"][0]["slug"]
    does("get_workspace", slug)
    does("get_workspace_nodes", {"team_slug": slug})
    does("get_workspace_quotas", slug)
    does("get_available_nodes")
    does("get_cvm_create_resources")
    does("list_all_instance_type_families")
    does("list_family_instance_types", {"family": "cpu"})
    does("get_os_images", {"is_dev": False})
    does("get_kms_list", {"page_size": 100})
    does("get_kms_info", {"kms_id": "base"})
    does("get_kms_on_chain_detail", {"chain": "base"})
    contracts = does("list_kms_contracts")
    slug = next(it["slug"] for it in contracts["items"] if it["chain_id"] == 8453)
    does("get_kms_contract", slug)
    does("list_kms_contract_nodes", slug)
    does("next_app_ids", {"counts": 2})
    key = {"name": f"key {version}", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfK you"}
    key = does("create_ssh_key", key)
    does("list_ssh_keys")
    does("delete_ssh_key", {"key_id": key["id"]})
    does("import_github_profile_ssh_keys", {"github_username": "you"})
    does("sync_github_ssh_keys")
    stranger = Does(client(version, "phak_sandbox_wrong"))
    stranger("get_current_user", name="get_current_user, wrong key")


def apps(does, orders, cache):
    does("get_app_list", {"page_size": 50})
    filtered = {"search": "oracle", "kms_type": "ethereum"}
    does("get_app_list", filtered, name="get_app_list, filtered")
    does("get_app_filter_options")
    does("get_app_info", {"app_id": orders})
    does("get_app_info", {"app_id": "00" * 20}, name="get_app_info, of no app")
    does("get_app_cvms", {"app_id": orders})
    does("get_app_device_allowlist", {"app_id": orders})
    does("get_app_device_allowlist", {"app_id": cache}, name="get_app_device_allowlist, central KMS")
    does("get_app_attestation", {"app_id": cache})
    revision = does("get_app_revisions", {"app_id": orders})["revisions"][0]
    request = {"app_id": orders, "revision_id": revision["revision_id"]}
    does("get_app_revision_detail", request)
    raw = {**request, "raw_compose_file": True}
    does("get_app_revision_detail", raw, name="get_app_revision_detail, raw")
    asked = {"app_id": orders, "compose_hash": revision["compose_hash"], "node_id": 5}
    does("check_app_is_allowed", asked)
    does("check_app_cvms_is_allowed", {"app_id": orders})
    does("check_cvm_is_allowed", {"cvm_id": next(iter(uuids(orders)))})
    does("get_app_env_encrypt_pub_key", {"kms": "base", "app_id": orders})


def cvms(does, uuid):
    it = {"uuid": uuid}
    does("get_cvm_list", {"page_size": 50})
    does("get_cvm_info", it)
    does("get_cvm_info", {"id": "nobody"}, name="get_cvm_info, of no instance")
    does("get_cvm_state", it)
    does("get_cvm_status_batch", {"vm_uuids": [uuid]})
    does("get_cvm_compose_file", it)
    does("get_cvm_docker_compose", it)
    does("get_cvm_pre_launch_script", {"id": "orders-api-1"})
    does("get_cvm_user_config", it)
    does("get_cvm_network", it)
    does("get_cvm_stats", it)
    does("get_cvm_containers_stats", it)
    does("get_cvm_attestation", it)
    does("get_available_os_images", it)
    does("refresh_cvm_instance_id", {**it, "dry_run": True})
    does("refresh_cvm_instance_ids", {"dry_run": True})


def instances(does, version, orders, cache):
    before = uuids(cache)
    request = {"app_id": cache, "node_id": 15}
    does("create_app_instance", request, name="create_app_instance, central KMS")
    (uuid,) = uuids(cache) - before
    it = {"uuid": uuid}
    watch = {**it, "target": "running", "interval": 5, "timeout": 600, "max_retries": 0}
    does("watch_cvm_state", watch)
    for action, status in (
        ("restart_cvm", "running"),
        ("stop_cvm", "stopped"),
        ("start_cvm", "running"),
        ("shutdown_cvm", "stopped"),
    ):
        settled(uuid, "stopped" if action == "start_cvm" else "running")
        does(action, it)
        settled(uuid, status)
    does("delete_cvm", it)
    does("delete_cvm", it, name="delete_cvm, deleted")

    before = uuids(orders)
    wish = {"app_id": orders, "node_id": 9, "docker_compose_file": compose("orders", version)}
    prepare = Does(client(version, **{"X-Prepare-Only": "true"}))
    refused = prepare("create_app_instance", wish, name="create_app_instance, prepare")
    told = {row["field"]: row["value"] for row in refused["structured_details"]}
    commit = {"app_id": orders, "token": told["commit_token"], "compose_hash": told["compose_hash"]}
    unknown = {**commit, "token": "none"}
    does("create_app_instance", unknown, name="create_app_instance, token unknown")
    signed(orders, told["compose_hash"], told["device_id"])
    does("create_app_instance", commit, name="create_app_instance, commit")
    does("create_app_instance", commit, name="create_app_instance, token used")
    (born,) = uuids(orders) - before
    settled(born)

    before = uuids(cache)
    (template,) = before
    does("replicate_cvm", {"uuid": template, "node_id": 15})
    (twin,) = uuids(cache) - before
    settled(twin)
    for made in (twin, born):
        newest.delete_cvm({"uuid": made})


def compose(name, version):
    return f"services:\n  web:\n    image: docker.io/sandbox/{name}-{version}\n"


def updates(does, version, cache, oracle):
    (uuid,) = uuids(cache)
    it = {"uuid": uuid}
    request = {**it, "docker_compose_file": compose("cache", version)}
    does("patch_cvm", request, name="patch_cvm, central KMS")
    settled(uuid)
    first = version == SUPPORTED_API_VERSIONS[0]
    for action, request in (
        ("update_docker_compose", {"docker_compose_file": compose("again", version)}),
        ("update_pre_launch_script", {"pre_launch_script": f"#!/bin/sh\necho {version}\n"}),
        ("update_cvm_visibility", {"public_sysinfo": not first, "public_logs": True}),
        ("update_cvm_resources", {"instance_type": "tdx.medium" if first else "tdx.small"}),
        ("update_os_image", {"os_image_name": "dstack-0.5.6" if first else "dstack-0.5.7"}),
    ):
        does(action, {**it, **request})
        settled(uuid)
    key = plain(newest.get_cvm_info(it))["kms_info"]["encrypted_env_pubkey"]
    blob = encrypt_env([{"key": "MAX_MEMORY", "value": "2gb"}], key)
    names = ["MAX_MEMORY", "CACHE_PASSWORD"]
    does("update_cvm_envs", {**it, "encrypted_env": blob, "env_keys": names})
    settled(uuid)
    document = plain(newest.get_cvm_compose_file(it))
    document["docker_compose_file"] = compose("provisioned", version)
    planned = does("provision_cvm_compose_file_update", {**it, "app_compose": document})
    does("commit_cvm_compose_file_update", {**it, "compose_hash": planned["compose_hash"]})
    settled(uuid)

    (governed,) = uuids(oracle)
    request = {"uuid": governed, "docker_compose_file": compose("oracle", version)}
    asked = does("patch_cvm", request, name="patch_cvm, unregistered")
    signed(oracle, asked["compose_hash"], asked["device_id"])
    done = {"compose_hash": asked["compose_hash"], "transaction_hash": "already-registered"}
    does("confirm_cvm_patch", {"uuid": governed, **done})
    settled(governed)


def encrypt_env(values, key):
    """The SDK's own helper hands on whatever dstack-sdk wants this year: pairs as objects, and a coroutine or not."""
    import asyncio
    import inspect

    from dstack_sdk import EnvVar

    blob = encrypt_env_vars([EnvVar(**value) for value in values], key)
    return asyncio.run(blob) if inspect.isawaitable(blob) else blob


def provision(does, version):
    name = f"new-{version}"
    document = {"name": name, "docker_compose_file": compose("new", version)}
    wish = {"name": name, "instance_type": "tdx.small", "compose_file": document}
    planned = does("provision_cvm", wish)
    does("commit_cvm_provision", {key: planned[key] for key in ("app_id", "compose_hash")})
    (made,) = uuids(planned["app_id"])
    settled(made)
    newest.delete_cvm({"uuid": made})


named = [name for name in actions.__all__ if not name.startswith("safe_")]
tell(None, "actions", True, named, None)
listed = {app["name"]: app["app_id"] for app in plain(newest.get_app_list())["dstack_apps"]}
orders, cache, oracle = (listed[name] for name in ("orders-api", "kv-cache", "pricing-oracle"))
for version in SUPPORTED_API_VERSIONS:
    does = Does(client(version))
    account(does, version)
    apps(does, orders, cache)
    (uuid,) = uuids(cache)
    cvms(does, uuid)
    instances(does, version, orders, cache)
    updates(does, version, cache, oracle)
    provision(does, version)

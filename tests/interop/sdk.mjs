// Drives the official TypeScript SDK, `@phala/cloud`, through every action it has, in each version of the API it speaks.
//
// SDK                         the folder in which it is installed
// API_URL, API_KEY, RPC_URL   a service whose contracts are signed soon, and its chain
// OWN_URL, OWN_RPC, OWN_KEY   one with the same API key, its chain, and who owns a contract there
//
// One line of JSON per call: {client, version, call, ok, parsed, error}. What was parsed is what the SDK gave back after
// its own schemas. Later calls use what earlier ones gave back, and nothing else. It does not judge.

import { createRequire } from "node:module";
import { join } from "node:path";

const { SDK, API_URL, API_KEY, RPC_URL, OWN_URL, OWN_RPC, OWN_KEY } = process.env;
const sdk = createRequire(join(SDK, "package.json"))("@phala/cloud");
// A service that never answers shall not keep a test for ever.
setTimeout(() => process.exit(3), 240_000).unref();

// The SDK itself tells people about its transactions, where the lines go.
console.log = console.error;

let version;

function tell(call, ok, parsed, error) {
    const plain = (_, value) => (typeof value === "bigint" ? String(value) : value);
    const line = { client: "@phala/cloud", version, call, ok, parsed, error };
    process.stdout.write(`${JSON.stringify(line, plain)}\n`);
}

/** What the SDK says of a refusal: its class, and what it read. */
function refusal(error) {
    const { name, message, status, errorCode, structuredDetails, validationErrors } = error;
    return { name, message, status, errorCode, structuredDetails, validationErrors };
}

/** Makes the call, tells what came of it, and gives that back. */
async function call(name, action, ...args) {
    try {
        const parsed = (await action(...args)) ?? null;
        tell(name, true, parsed, null);
        return parsed;
    } catch (error) {
        tell(name, false, refusal(error), String(error?.message ?? error).slice(0, 2000));
        return refusal(error);
    }
}

const act = (client) => (action, request, name = action) => call(name, sdk[action], client, request);

const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Asks without telling until it holds; a service that is not there in time is told by the next call. */
async function until(ask, holds) {
    for (let look = 0; look < 200; look += 1) {
        const answer = await ask().catch(() => null);
        if (answer !== null && holds(answer)) return;
        await moment();
    }
}

const settled = (client, uuid, status = "running") =>
    until(
        () => sdk.getCvmStatusBatch(client, { vmUuids: [uuid] }),
        (all) => all[uuid]?.status === status && !all[uuid].in_progress,
    );

const signed = (client, appId, details) =>
    until(
        () => sdk.checkAppIsAllowed(client, { appId, compose_hash: details.compose_hash, device_id: details.device_id }),
        (answer) => answer.is_allowed,
    );

const details = (refused) =>
    Object.fromEntries((refused.structuredDetails ?? []).map(({ field, value }) => [field, value]));

async function account(client) {
    const does = act(client);
    await does("getCurrentUser");
    const { data } = await does("listWorkspaces");
    const teamSlug = data[0].slug;
    await does("getWorkspace", teamSlug);
    await does("getWorkspaceNodes", { teamSlug });
    await does("getWorkspaceQuotas", { teamSlug });
    await does("getAvailableNodes");
    await does("listAllInstanceTypeFamilies");
    await does("listFamilyInstanceTypes", { family: "cpu" });
    await does("getOsImages", { is_dev: false });
    await does("getKmsList", { page_size: 100 });
    await does("getKmsInfo", { kms_id: "base" });
    await does("getKmsOnChainDetail", { chain: "base" });
    await does("nextAppIds", { counts: 2 });
    const key = await does("createSshKey", { name: `key ${version}`, public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfK you" });
    await does("listSshKeys");
    await does("deleteSshKey", { keyId: key.id });
    await does("importGithubProfileSshKeys", { github_username: "you" });
    await does("syncGithubSshKeys");
    const stranger = sdk.createClient({ apiKey: "phak_sandbox_wrong", baseURL: API_URL, version });
    await act(stranger)("getCurrentUser", undefined, "getCurrentUser, wrong key");
}

/** Every read about apps; gives back the ids that the rest works with. */
async function apps(client) {
    const does = act(client);
    const { dstack_apps } = await does("getAppList", { page_size: 50 });
    await does("getAppList", { search: "oracle", kms_type: "ethereum" }, "getAppList, filtered");
    await does("getAppFilterOptions");
    const id = (name) => dstack_apps.find((app) => app.name === name).app_id;
    const [orders, cache, oracle] = ["orders-api", "kv-cache", "pricing-oracle"].map(id);
    await does("getAppInfo", { appId: orders });
    await does("getAppInfo", { appId: "00".repeat(20) }, "getAppInfo, of no app");
    const rows = await does("getAppCvms", { appId: orders });
    await does("getAppDeviceAllowlist", { appId: orders });
    await does("getAppDeviceAllowlist", { appId: cache }, "getAppDeviceAllowlist, central KMS");
    await does("getAppAttestation", { appId: cache });
    const { revisions } = await does("getAppRevisions", { appId: orders });
    const { revision_id: revisionId, compose_hash } = revisions[0];
    await does("getAppRevisionDetail", { appId: orders, revisionId });
    await does("getAppRevisionDetail", { appId: orders, revisionId, rawComposeFile: true }, "getAppRevisionDetail, raw");
    await does("checkAppIsAllowed", { appId: orders, compose_hash, node_id: 5 });
    await does("checkAppCvmsIsAllowed", { appId: orders });
    await does("checkCvmIsAllowed", { cvmId: rows[0].vm_uuid ?? rows[0].hosted.id });
    await does("getAppEnvEncryptPubKey", { kms: "base", app_id: orders });
    return { orders, cache, oracle };
}

async function cvms(client) {
    const does = act(client);
    await does("getCvmList", { page_size: 50 });
    const id = { name: "kv-cache" };
    const info = await does("getCvmInfo", id);
    await does("getCvmInfo", { uuid: info.vm_uuid }, "getCvmInfo, by UUID");
    await does("getCvmInfo", { name: "nobody" }, "getCvmInfo, of no instance");
    await does("getCvmState", id);
    await does("getCvmStatusBatch", { vmUuids: [info.vm_uuid] });
    await does("getCvmComposeFile", id);
    await does("getCvmDockerCompose", id);
    await does("getCvmPreLaunchScript", { name: "orders-api-1" });
    await does("getCvmUserConfig", id);
    await does("getCvmNetwork", id);
    await does("getCvmStats", id);
    await does("getCvmContainersStats", id);
    await does("getCvmAttestation", id);
    await does("getAvailableOsImages", id);
    await does("refreshCvmInstanceId", { ...id, dry_run: true });
    await does("refreshCvmInstanceIds", { dry_run: true });
}

const compose = (name) => `services:\n  web:\n    image: docker.io/sandbox/${name}-${version}\n`;

async function instances(client, { orders, cache }) {
    const does = act(client);
    const made = await does("createAppInstance", { appId: cache, node_id: 15 }, "createAppInstance, central KMS");
    const { vm_uuid: uuid } = made;
    const events = [];
    await call("watchCvmState", async () => {
        const onEvent = ({ type }) => events.push(type);
        const request = { uuid, target: "running", interval: 5, timeout: 600, maxRetries: 1 };
        const state = await sdk.watchCvmState(client, request, { onEvent });
        return { ...state, events: [...new Set(events)] };
    });
    await settled(client, uuid);
    await does("restartCvm", { uuid });
    await settled(client, uuid);
    await does("stopCvm", { uuid });
    await settled(client, uuid, "stopped");
    await does("startCvm", { uuid });
    await settled(client, uuid);
    await does("shutdownCvm", { uuid });
    await settled(client, uuid, "stopped");
    await does("deleteCvm", { uuid });
    await does("deleteCvm", { uuid }, "deleteCvm, deleted");

    const headers = { "X-Prepare-Only": "true" };
    const preparing = sdk.createClient({ apiKey: API_KEY, baseURL: API_URL, version, headers });
    const wish = { appId: orders, node_id: 9, docker_compose_file: compose("orders") };
    const prepare = act(preparing);
    const ticket = details(await prepare("createAppInstance", wish, "createAppInstance, prepare"));
    const commit = { appId: orders, token: ticket.commit_token, compose_hash: ticket.compose_hash };
    await does("createAppInstance", { ...commit, token: "none" }, "createAppInstance, token unknown");
    await signed(client, orders, ticket);
    const born = await does("createAppInstance", commit, "createAppInstance, commit");
    await does("createAppInstance", commit, "createAppInstance, token used");
    await settled(client, born.vm_uuid);
    await onChain(orders, ticket);

    const twin = await does("replicateCvm", { name: "kv-cache", node_id: 15 });
    await settled(client, twin.vm_uuid);
    await does("deleteCvm", { uuid: twin.vm_uuid }, "deleteCvm, a replica");
    await does("deleteCvm", { uuid: born.vm_uuid }, "deleteCvm, a committed one");
}

/** What the SDK reads from the chain itself. */
async function onChain(app, { compose_hash: composeHash, device_id: deviceId }) {
    const chain = sdk.SUPPORTED_CHAINS[8453];
    const place = { chain, rpcUrl: RPC_URL, appAddress: `0x${app.replace(/^0x/, "")}` };
    const hex = (id) => `0x${id.replace(/^0x/, "")}`;
    await call("checkComposeHashAllowed", sdk.checkComposeHashAllowed, { ...place, composeHash: hex(composeHash) });
    await call("checkDeviceAllowed", sdk.checkDeviceAllowed, { ...place, deviceId: hex(deviceId) });
    const both = { ...place, composeHash: hex(composeHash), deviceId: hex(deviceId) };
    await call("checkOnChainPrerequisites", sdk.checkOnChainPrerequisites, both);
    const deviceIds = [hex(deviceId), `0x${"00".repeat(32)}`];
    await call("getAllowedDevices", sdk.getAllowedDevices, { ...place, deviceIds });
}

async function updates(client, { oracle }) {
    const does = act(client);
    const { vm_uuid: uuid } = await sdk.getCvmInfo(client, { name: "kv-cache" });
    await does("patchCvm", { uuid, docker_compose_file: compose("cache") }, "patchCvm, central KMS");
    await settled(client, uuid);
    const older = [
        ["updateDockerCompose", { uuid, docker_compose_file: compose("again") }],
        ["updatePreLaunchScript", { uuid, pre_launch_script: `#!/bin/sh\necho ${version}\n` }],
        ["updateCvmVisibility", { uuid, public_sysinfo: version !== "2025-10-28", public_logs: true }],
        ["updateCvmResources", { uuid, instance_type: "tdx.medium", allow_restart: true }],
        ["updateOsImage", { uuid, os_image_name: "dstack-0.5.6" }],
    ];
    for (const [action, request] of older) {
        await does(action, request);
        await settled(client, uuid);
    }
    const key = await sdk.getCvmInfo(client, { uuid }).then((it) => it.kms_info?.encrypted_env_pubkey ?? it.encrypted_env_pubkey);
    const encrypted_env = await sdk.encryptEnvVars([{ key: "MAX_MEMORY", value: "2gb" }], key);
    await does("updateCvmEnvs", { uuid, encrypted_env, env_keys: ["MAX_MEMORY", "CACHE_PASSWORD"] });
    await settled(client, uuid);
    const app_compose = await sdk.getCvmComposeFile(client, { uuid });
    app_compose.docker_compose_file = compose("provisioned");
    const planned = await does("provisionCvmComposeFileUpdate", { uuid, app_compose });
    await does("commitCvmComposeFileUpdate", { uuid, compose_hash: planned.compose_hash });
    await settled(client, uuid);

    const governed = await sdk.getAppCvms(client, { appId: oracle }).then(([row]) => row.vm_uuid ?? row.hosted.id);
    const patch = { uuid: governed, docker_compose_file: compose("oracle") };
    const asked = await does("patchCvm", patch, "patchCvm, unregistered");
    await signed(client, oracle, { compose_hash: asked.composeHash, device_id: asked.deviceId });
    await does("confirmCvmPatch", { uuid: governed, composeHash: asked.composeHash, transactionHash: "already-registered" });
    await settled(client, governed);
    const next = { uuid: governed, docker_compose_file: compose("oracle-2"), prepareOnly: true };
    const prepared = await does("patchCvm", next, "patchCvm, prepare");
    await signed(client, oracle, { compose_hash: prepared.composeHash, device_id: prepared.deviceId });
    const { commitToken: token, composeHash } = prepared;
    await does("commitCvmUpdate", { uuid: governed, token, composeHash, transactionHash: "already-registered" });
    await settled(client, governed);
}

async function provision(client) {
    const does = act(client);
    const compose_file = { name: `new-${version}`, docker_compose_file: compose("new") };
    const wish = { name: `new-${version}`, instance_type: "tdx.small", compose_file };
    const planned = await does("provisionCvm", wish);
    const made = await does("commitCvmProvision", { app_id: planned.app_id, compose_hash: planned.compose_hash });
    await settled(client, made.vm_uuid);
    await does("deleteCvm", { uuid: made.vm_uuid }, "deleteCvm, a new app's");
}

/** What it signs and sends, where the contract is ours. */
async function sign() {
    const chain = sdk.SUPPORTED_CHAINS[8453];
    const place = { chain, rpcUrl: OWN_RPC, privateKey: OWN_KEY };
    const client = sdk.createClient({ apiKey: API_KEY, baseURL: OWN_URL, version });
    const { dstack_apps } = await sdk.getAppList(client, { search: "orders-api" });
    const appAddress = `0x${dstack_apps[0].app_id}`;
    // The same digits in another order for each version, so that nothing was there before.
    const fresh = (start) => `0x${(start + version.replaceAll("-", "")).padEnd(64, "0")}`;
    await call("addComposeHash", sdk.addComposeHash, { ...place, appId: appAddress, composeHash: fresh("aa") });
    await call("addDevice", sdk.addDevice, { ...place, appAddress, deviceId: fresh("bb") });
    await call("removeDevice", sdk.removeDevice, { ...place, appAddress, deviceId: fresh("bb") });
    await call("setAllowAnyDevice", sdk.setAllowAnyDevice, { ...place, appAddress, allow: true });
    const read = { chain, rpcUrl: OWN_RPC, appAddress, composeHash: fresh("aa"), deviceId: fresh("bb") };
    await call("checkOnChainPrerequisites, signed", sdk.checkOnChainPrerequisites, read);
    await call("setAllowAnyDevice, off", sdk.setAllowAnyDevice, { ...place, appAddress, allow: false });
    const { kms_contract_address: kmsContractAddress } = await sdk.getKmsInfo(client, { kms_id: "base" });
    const founded = { ...place, kmsContractAddress, deviceId: fresh("cc"), composeHash: fresh("dd") };
    await call("deployAppAuth", sdk.deployAppAuth, founded);
}

/** Which actions there are: each has a twin that throws nothing. */
const actions = Object.keys(sdk).filter((name) => sdk[`safe${name[0].toUpperCase()}${name.slice(1)}`]);
tell("actions", true, [...actions, "watchCvmState"], null);

for (version of sdk.SUPPORTED_API_VERSIONS) {
    const client = sdk.createClient({ apiKey: API_KEY, baseURL: API_URL, version });
    await account(client);
    const ids = await apps(client);
    await cvms(client);
    await instances(client, ids);
    await updates(client, ids);
    await provision(client);
    await sign();
}

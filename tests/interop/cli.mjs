// Drives the official `phala` CLI as a person with a terminal would, against the service that the environment names.
//
// PHALA                       the CLI's own script
// API_URL, API_KEY            a service whose contracts are signed soon
// OWN_URL, OWN_RPC, OWN_KEY   one with the same API key where time passes slowly, its chain, and who owns a contract
//
// One line of JSON per call: {client, call, ok, parsed, error}. What was parsed is what the CLI printed, as JSON where
// it was asked for JSON. Later calls use what earlier ones were told, and nothing else. It does not judge.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { PHALA, API_URL, API_KEY, OWN_URL, OWN_RPC, OWN_KEY, PATH } = process.env;
const home = mkdtempSync(join(tmpdir(), "phala-cli-"));
// No profile, no settings and no proxy of whoever runs this.
const usual = {
    PATH,
    HOME: home,
    CI: "1",
    NO_COLOR: "1",
    PHALA_DISABLE_UPDATE_CHECK: "1",
    PHALA_CLOUD_API_PREFIX: API_URL,
    PHALA_CLOUD_API_KEY: API_KEY,
};

/** A file in the folder where the CLI runs. */
function file(name, text) {
    writeFileSync(join(home, name), text);
    return name;
}

function run(args, env) {
    return new Promise((resolve) => {
        const child = spawn(process.execPath, [PHALA, ...args], {
            cwd: home,
            env: { ...usual, ...env },
            stdio: ["ignore", "pipe", "pipe"],
            timeout: 120_000,
        });
        let [out, err] = ["", ""];
        child.stdout.on("data", (data) => (out += data));
        child.stderr.on("data", (data) => (err += data));
        child.on("close", (code, signal) => resolve({ out, err, code: code ?? signal }));
    });
}

/** Runs the CLI and tells what it made of the answer; gives back what it printed. */
async function call(name, args, env = {}) {
    const { out, err, code } = await run(args, env);
    let parsed = { text: out };
    try {
        // Where it signs, it tells people about the transaction first, JSON or not.
        const start = args.includes("--json") ? out.search(/^{/m) : 0;
        parsed = JSON.parse(out.slice(start));
    } catch {
        // Not asked for JSON, or it does not speak it here.
    }
    const error = code === 0 ? null : `exit code ${code}: ${err || out}`.slice(0, 2000);
    console.log(JSON.stringify({ client: "phala", call: name, ok: code === 0, parsed, error }));
    return parsed;
}

/** Asks without telling until it holds; a service that is not there in time is told by the next call. */
async function until(args, holds) {
    for (let look = 0; look < 40; look += 1) {
        const { out, code } = await run(args, {});
        try {
            if (code === 0 && holds(JSON.parse(out))) return;
        } catch {
            // Half an answer; look again.
        }
    }
}

const compose_of = (version) => `services:\n  api:\n    image: ghcr.io/sandbox-team/orders-api:${version}\n`;

/** Until the contract allows what was prepared. */
const signed = (app, hash, device) => {
    const asked = ["-F", `compose_hash=${hash}`, "-F", `device_id=${device}`];
    return until(["api", `/apps/${app}/is-allowed`, "-X", "POST", ...asked], (it) => it.is_allowed);
};
const running = (cvm) => until(["cvms", "get", cvm, "--json"], (it) => it.status === "running");

async function signIn() {
    const nobody = { PHALA_CLOUD_API_KEY: "" };
    // The CLI waits real seconds for a code that lives for the service's.
    const slow = { ...nobody, PHALA_CLOUD_API_PREFIX: OWN_URL };
    await call("status", ["status", "--json"]);
    await call("whoami", ["whoami", "--json"]);
    await call("status, wrong key", ["status", "--json"], { PHALA_CLOUD_API_KEY: "phak_sandbox_wrong" });
    await call("login, with the browser", ["login", "--no-open", "--print-token"], slow);
    await call("login KEY", ["login", API_KEY], nobody);
    await call("whoami, from the file", ["whoami", "--json"], { ...nobody, PHALA_CLOUD_API_PREFIX: "" });
}

async function read() {
    const { items } = await call("apps", ["apps", "--json"]);
    await call("apps --search", ["apps", "--json", "--search", "orders", "--status", "running"]);
    await call("cvms list", ["cvms", "list", "--json"]);
    await call("nodes list", ["nodes", "list", "--json"]);
    await call("cvms list-nodes", ["cvms", "list-nodes", "--json"]);
    await call("kms list", ["kms", "list", "--json"]);
    await call("kms base", ["kms", "base", "--json"]);
    await call("instance-types", ["instance-types", "--json"]);
    await call("instance-types cpu", ["instance-types", "cpu", "--json"]);
    await call("os-images --prod", ["os-images", "--prod", "--json"]);
    await call("api /auth/me", ["api", "/auth/me", "-q", ".user.username"]);

    const app = (name) => items.find((item) => item.cvmName.startsWith(name)).appId;
    const apps = { orders: app("orders-api"), cache: app("kv-cache"), oracle: app("pricing-oracle") };
    const cvm = await call("cvms get NAME", ["cvms", "get", "kv-cache", "--json"]);
    await call("cvms get UUID", ["cvms", "get", cvm.vm_uuid, "--json"]);
    await call("cvms get APP, of two instances", ["cvms", "get", apps.orders, "--json"]);
    await call("cvms device-allowlist", ["cvms", "device-allowlist", "orders-api-1", "--json"]);
    await call("cvms attestation", ["cvms", "attestation", "kv-cache", "--json"]);
    await call("runtime-config", ["runtime-config", "kv-cache", "--json"]);
    await call("ps", ["ps", "kv-cache", "--json"]);
    await call("ps, of a stopped one", ["ps", "model-gateway", "--json"]);
    await call("logs", ["logs", "--cvm-id", "kv-cache"]);
    await call("logs CONTAINER", ["logs", "dstack-cache-1", "--cvm-id", "kv-cache", "-n", "5", "-t"]);
    await call("logs --serial", ["logs", "--serial", "--cvm-id", "kv-cache"]);
    await call("logs --cvm-stdout", ["logs", "--cvm-stdout", "--cvm-id", "kv-cache"]);
    await call("envs encrypt", ["envs", "encrypt", "orders-api-1", "-e", "LOG_LEVEL=debug", "--json"]);
    return apps;
}

async function add({ orders, cache }) {
    const add = ["instances", "add", "--json", "--app-id"];
    await call("instances ls", ["instances", "ls", "--app-id", `0x${orders.toUpperCase()}`, "--json"]);
    await call("instances ls, of no app", ["instances", "ls", "--app-id", "00".repeat(20), "--json"]);

    const made = await call("instances add, central KMS", [...add, cache, "--node-id", "15"]);
    const env = file("cache.env", "MAX_MEMORY=1gb\n");
    await call("instances add -e, central KMS", [...add, cache, "--node-id", "PROD15", "-e", env]);
    await call("instances add, all registered", [...add, orders, "--node-id", "prod5"]);
    await call("instances add, no such node", [...add, orders, "--node-id", "nowhere"]);
    await call("instances add, node full", [...add, orders, "--node-id", "prod12"]);

    const compose = file("next.yml", compose_of("2.9.0"));
    const files = ["-c", compose, "-e", file("orders.env", "LOG_LEVEL=debug\n")];
    const ticket = await call("instances add --prepare-only", [
        ...[...add, orders, "--node-id", "prod9", ...files, "--prepare-only"],
    ]);
    const commit = [...add, orders, "--commit", "--compose-hash", ticket.composeHash, "--token"];
    await call("instances add --commit, token unknown", [...commit, "no-such-token"]);
    await signed(orders, ticket.composeHash, ticket.deviceId);
    await call("instances add --commit", [...commit, ticket.commitToken]);
    await call("instances add --commit, token used", [...commit, ticket.commitToken]);

    await running(made.vm_uuid);
    await call("instances rm", ["instances", "rm", made.vm_uuid, "-y", "--json"]);
    await call("instances rm, no such instance", ["instances", "rm", made.vm_uuid, "-y"]);
}

/** Where the contract waits for its owner, who is us. */
async function addAndSign({ orders }) {
    const add = ["instances", "add", "--json", "--app-id", orders, "--node-id", "prod9"];
    const files = (version) => ["-c", file(`${version}.yml`, compose_of(version))];
    await call("instances add, KMS without a chain", [...add, ...files("3.0.0")]);

    const env = { PHALA_CLOUD_API_PREFIX: OWN_URL };
    const prepare = [...add, ...files("3.0.0"), "--prepare-only"];
    const ticket = await call("instances add --prepare-only, unsigned", prepare, env);
    const token = ["--commit", "--compose-hash", ticket.composeHash, "--token", ticket.commitToken];
    await call("instances add --commit, unsigned", [...add, ...token], env);
    await call("instances add, without a key", [...add, ...files("3.1.0"), "--rpc-url", OWN_RPC], env);
    const signing = ["--rpc-url", OWN_RPC, "--private-key", OWN_KEY];
    await call("instances add, signed by itself", [...add, ...files("3.2.0"), ...signing], env);
}

async function replicate({ orders }) {
    const replicate = ["cvms", "replicate", "--json"];
    await call("cvms replicate, central KMS", [...replicate, "kv-cache", "--node-id", "15"]);
    const here = [...replicate, "orders-api-1"];
    const ticket = await call("cvms replicate --prepare-only", [...here, "--node-id", "9", "--prepare-only"]);
    await signed(orders, ticket.composeHash, ticket.deviceId);
    const token = ["--token", ticket.commitToken, "--compose-hash", ticket.composeHash];
    await call("cvms replicate --commit", [
        ...[...here, "--commit", ...token, "--transaction-hash", "already-registered"],
    ]);
}

async function update({ oracle }) {
    const compose = file("update.yml", "services:\n  cache:\n    image: valkey/valkey:8.1\n");
    const cache = ["deploy", "--json", "--cvm-id", "kv-cache", "-c", compose];
    await call("deploy --prepare-only, central KMS", [...cache, "--prepare-only"]);
    await running("kv-cache");
    await call("deploy -e --wait, central KMS", [...cache, "-e", "MAX_MEMORY=2gb", "--wait"]);

    const deploy = ["deploy", "--json", "--cvm-id", "pricing-oracle-a"];
    const ticket = await call("deploy --prepare-only", [...deploy, "-c", compose, "--prepare-only"]);
    await signed(oracle, ticket.compose_hash, ticket.device_id);
    await call("deploy --commit", [...deploy, "--commit", "--token", ticket.commit_token]);
    await call("deploy --commit, token used", [...deploy, "--commit", "--token", ticket.commit_token]);
}

async function live() {
    await call("cvms start", ["cvms", "start", "model-gateway", "--json"]);
    await running("model-gateway");
    await call("cvms restart", ["cvms", "restart", "model-gateway", "--json"]);
    await running("model-gateway");
    await call("cvms stop", ["cvms", "stop", "model-gateway", "--json"]);
    await until(["cvms", "get", "model-gateway", "--json"], (it) => it.status === "stopped");
    await call("cvms delete", ["cvms", "delete", "model-gateway", "-f", "--json"]);
    await call("cvms get, deleted", ["cvms", "get", "model-gateway", "--json"]);
}

await signIn();
const apps = await read();
await add(apps);
await addAndSign(apps);
await replicate(apps);
await update(apps);
await live();
rmSync(home, { recursive: true, force: true });

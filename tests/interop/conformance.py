"""Asks the sandbox everything the vendor's OpenAPI file describes, with schemathesis, and checks the answers against it.

PROGRAM   the program with the sandbox in it; each operation meets a world that nothing has happened in
OPENAPI   the vendor's file

One line of JSON per operation: {client, call, ok, parsed, error}. Ok means that every answer was as the file says. Each
operation is asked once in its right form, then in forms drawn from its schemas, most of which name things that exist,
and then in forms its schemas forbid. The same forms every time. It does not judge.
"""

import contextlib
import json
import os
import subprocess
import warnings

import hypothesis
import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

PROGRAM, OPENAPI = os.environ["PROGRAM"], os.environ["OPENAPI"]
KEY = "phak_sandbox_conformance"
# Forms per operation: with names of what exists, with any names, and forbidden ones.
FORMS = (("real", GenerationMode.POSITIVE, 15), ("any", GenerationMode.POSITIVE, 5), ("wrong", GenerationMode.NEGATIVE, 10))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
warnings.filterwarnings("ignore")

COMPOSE = "services:\n  web:\n    image: docker.io/sandbox/conformance\n"
PLAN = {"name": "fresh-app", "instance_type": "tdx.small", "compose_file": {"name": "fresh-app", "docker_compose_file": COMPOSE}}
# Right bodies, where a body is needed; the rest of each request is in its path. `$` names what exists.
BODIES = {
    "POST /api/v1/cvms/provision": PLAN,
    "POST /api/v1/cvms/{cvm_id}/compose_file/provision": {"name": "kv-cache", "docker_compose_file": COMPOSE},
    "POST /api/v1/cvms/{cvm_id}/replicas": {"node_id": 15},
    "POST /api/v1/apps/{app_id}/cvms/{vm_uuid}/replicas": {"node_id": 15},
    "POST /api/v1/apps/{app_id}/instances": {"node_id": 15},
    "PATCH /api/v1/cvms/{cvm_id}": {"docker_compose_file": COMPOSE},
    "PATCH /api/v1/cvms/{cvm_id}/compose_file": {"compose_hash": "$planned"},
    "PATCH /api/v1/cvms/{cvm_id}/name": {"name": "another-name"},
    "PATCH /api/v1/cvms/{cvm_id}/listed": {"listed": True},
    "POST /api/v1/cvms": {"app_id": "$new_app", "compose_hash": "$new_hash"},
    "POST /api/v1/cvms/batch-stop": {"cvm_ids": ["$cvm_id"]},
    "POST /api/v1/status/batch": {"vm_uuids": ["$cvm_id"]},
    "POST /api/v1/apps/{app_id}/is-allowed": {"compose_hash": "$compose_hash"},
    "PATCH /api/v1/cvms/{cvm_id}/os-image": {"os_image_name": "dstack-0.5.6"},
    "PATCH /api/v1/cvms/{cvm_id}/instance-id": {"dry_run": True},
    "PATCH /api/v1/cvms/instance-ids": {"dry_run": True},
    "POST /api/v1/cvms/{cvm_id}/restart": {"force": False},
    "POST /api/v1/user/ssh-keys": {"name": "a key", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfK you"},
    "POST /api/v1/user/ssh-keys/github-profile": {"github_username": "you"},
}


@contextlib.contextmanager
def sandbox():
    """A world of its own, in which hardly any time passes."""
    command = [PROGRAM, "sandbox", "--listen", "127.0.0.1:0", "--api-key", KEY, "--speed", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            yield json.loads(child.stdout.readline())["url"].removesuffix("/api/v1")
        finally:
            child.terminate()


def names(base, session, label):
    """What exists, by the names that paths and bodies give it."""

    def get(path):
        return session.get(f"{base}/api/v1{path}").json()

    def post(path, label):
        return session.post(f"{base}/api/v1{path}", json=BODIES[label]).json()

    # Only a stopped instance can be started, and only a contract can allow anything.
    name = {"start": "model-gateway", "is-allowed": "pricing-oracle-a"}.get(label.split("/")[-1], "kv-cache")
    cvm = get(f"/cvms/{name}")
    revision = get(f"/apps/{cvm['app_id']}/revisions")["revisions"][0]
    exists = {
        "app_id": cvm["app_id"],
        "cvm_id": cvm["vm_uuid"],
        "vm_uuid": cvm["vm_uuid"],
        "revision_id": revision["revision_id"],
        "compose_hash": revision["compose_hash"],
        "kms_id": "base",
        "chain": "base",
        "family": "cpu",
        "key_id": post("/user/ssh-keys", "POST /api/v1/user/ssh-keys")["id"],
    }
    if label == "POST /api/v1/cvms":
        planned = post("/cvms/provision", "POST /api/v1/cvms/provision")
        exists |= {"new_app": planned["app_id"], "new_hash": planned["compose_hash"]}
    if label == "PATCH /api/v1/cvms/{cvm_id}/compose_file":
        path = f"/cvms/{exists['cvm_id']}/compose_file/provision"
        exists["planned"] = post(path, "POST /api/v1/cvms/{cvm_id}/compose_file/provision")["compose_hash"]
    if label == "POST /api/v1/user/ssh-keys":
        session.delete(f"{base}/api/v1/user/ssh-keys/{exists['key_id']}")
    return exists


def filled(body, exists):
    """The body, with what exists in place of its names."""
    if isinstance(body, dict):
        return {name: filled(member, exists) for name, member in body.items()}
    if isinstance(body, list):
        return [filled(item, exists) for item in body]
    return exists[body[1:]] if isinstance(body, str) and body.startswith("$") else body


def drawn(operation, mode, count, real):
    """So many forms of a request, the same ones every time."""
    forms = []

    @hypothesis.seed(4)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode, path_parameters=real or None))
    def collect(case):
        forms.append(case)

    try:
        collect()
    except hypothesis.errors.Unsatisfiable:
        # There is no such form: nothing can be wrong about a request without parameters.
        pass
    return forms


def right(operation, exists):
    """The operation in the form in which a client would use it."""
    named = {it.name: exists.get(it.name, "none") for it in operation.path_parameters}
    body = filled(BODIES.get(operation.label), exists)
    given = {} if body is None else {"body": body, "media_type": next(iter(operation.body)).media_type}
    return operation.Case(path_parameters=named, **given)


def problems(case, response, checks):
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        return [f"{type(failure).__name__}: {failure.message}" for failure in group.exceptions]
    return []


def ask(operation, base):
    """What was found, which statuses were seen, and how often it was asked; nothing if it is not served."""
    session = requests.Session()
    session.headers["X-API-Key"] = KEY
    exists = names(base, session, operation.label)
    real = {it.name: exists[it.name] for it in operation.path_parameters if it.name in exists}
    found, seen, asked = {}, {}, 0

    def look(kind, case, checks):
        nonlocal asked
        response = case.call(base_url=base, session=session, allow_redirects=False, timeout=20)
        asked += 1
        seen.setdefault(kind, set()).add(response.status_code)
        where = f"{kind} {case.method} {case.formatted_path} {response.status_code}"
        for problem in problems(case, response, checks):
            found.setdefault(problem.split("\n")[0], f"{where} {problem[:600]}")
        return response

    response = look("right", right(operation, exists), CHECKS)
    nothing = response.content in (b'{"detail":"Not Found"}', b"")
    if response.status_code == 404 and nothing:
        return None
    for kind, mode, count in FORMS:
        checks = CHECKS
        # In an address everything is text, so what is forbidden there is often not even different.
        if mode is GenerationMode.NEGATIVE and operation.body:
            checks = [*CHECKS, negative_data_rejection]
        for case in drawn(operation, mode, count, {} if kind == "any" else real):
            look(kind, case, checks)
    return found, {kind: sorted(statuses) for kind, statuses in seen.items()}, asked


def main():
    schema = schemathesis.openapi.from_path(OPENAPI)
    for result in schema.get_all_operations():
        operation = result.ok()
        with sandbox() as base:
            told = ask(operation, base)
        if told is None:
            line = {"ok": True, "parsed": {"served": False}, "error": None}
        else:
            found, statuses, asked = told
            parsed = {"served": True, "asked": asked, "statuses": statuses, "problems": sorted(found)}
            line = {"ok": not found, "parsed": parsed, "error": "\n".join(found.values())[:6000] or None}
        print(json.dumps({"client": "schemathesis", "call": operation.label, **line}), flush=True)


main()

"""What is declared for containers: files that are there, commands that parse, jobs that Prefect and Kubernetes know.

No image is built here and no cluster is asked.
"""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n *", "", (ROOT / "deployments/Dockerfile").read_text()).splitlines()
    if line and not line.startswith("#")
]
PREFECTS = json.loads(
    (files("prefect") / "server/api/collections_data/views/aggregate-worker-metadata.json").read_text()
)
POOLS = ("docker", "kubernetes")


def given(kind: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == kind]


def template(pool: str) -> dict[str, Any]:
    return json.loads((ROOT / f"deployments/{pool}.json").read_text())


def test_image_has_every_package_and_what_it_is_installed_from() -> None:
    copied = [rest.split()[:-1] for rest in given("COPY") if not rest.startswith("--from")]
    named = {name for names in copied for name in names}
    assert [name for name in named if not (ROOT / name).exists()] == []
    packages = re.search(r"^\[tool\.hatch.*\npackages = \[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert {
        *re.findall(r'"(\w+)"', packages[1]),
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    } == named
    sent = (ROOT / "deployments/Dockerfile.dockerignore").read_text().split()
    assert (sent[0], {name.removeprefix("!") for name in sent if name.startswith("!")}) == ("*", named)


def test_image_takes_locked_versions_by_hash_and_runs_as_nobody_special() -> None:
    (base,) = {rest.split()[0] for rest in given("FROM")}
    assert re.fullmatch(r"python:3\.12-slim@sha256:[0-9a-f]{64}", base)
    locked, own = re.findall(r"/pip (install [^&]*)", " && ".join(given("RUN")))
    assert {"--require-hashes", "--no-deps", "--compile"} <= set(locked.split())
    assert {"--no-deps", "--compile"} <= set(own.split())
    last = [name for name, _ in INSTRUCTIONS][::-1]
    assert last.index("USER") < last.index("FROM")
    assert given("USER") == ["twinflow"]
    assert given("ARG") == []
    assert not re.search(r"(?i)secret|token|password|_key", " ".join(given("ENV")))


@pytest.mark.parametrize("command", given("RUN"))
def test_commands_of_the_image_parse(command: str) -> None:
    subprocess.run(["/bin/sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize("pool", POOLS)
def test_pool_is_one_that_prefect_knows_with_defaults_of_ours(pool: str) -> None:
    ours, known = template(pool), PREFECTS[f"prefect-{pool}"][pool]["default_base_job_configuration"]
    assert set(ours["job_configuration"]) == set(known["job_configuration"])
    variables = ours["variables"]["properties"]
    for name, variable in known["variables"]["properties"].items():
        strip = {"default", "example"}
        assert {k: v for k, v in variables[name].items() if k not in strip} == {
            k: v for k, v in variable.items() if k not in strip
        }
    assert set(re.findall(r"{{ (\w+) }}", json.dumps(ours["job_configuration"]))) == set(variables)
    jsonschema.Draft7Validator.check_schema(ours["variables"])
    defaults = {name: each["default"] for name, each in variables.items() if "default" in each}
    jsonschema.validate(defaults, ours["variables"])
    assert defaults["image"] == "twinflow"


def test_pods_may_do_no_more_than_they_need() -> None:
    job = template("kubernetes")["job_configuration"]["job_manifest"]
    assert (job["apiVersion"], job["kind"], job["spec"]["backoffLimit"]) == ("batch/v1", "Job", 0)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    (user,) = re.findall(r"--uid (\d+)", " ".join(given("RUN")))
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, int(user))
    assert pod["automountServiceAccountToken"] is False
    kept = {
        each["name"]: each["persistentVolumeClaim"]["claimName"] for each in pod["volumes"] if "emptyDir" not in each
    }
    assert kept == {"data": "twinflow-data", "runs": "twinflow-runs"}
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert [mounts[name] for name in kept] == json.loads(given("VOLUME")[0])
    assert {path for name, path in mounts.items() if name not in kept} == {"/tmp", *given("WORKDIR")[-1:]}
    assert template("docker")["variables"]["properties"]["volumes"]["default"] == [
        f"{claim}:{mounts[name]}" for name, claim in kept.items()
    ]

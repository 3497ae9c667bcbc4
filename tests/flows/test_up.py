"""Schedules: what is declared, served by `twinflow up` and deployed by Prefect is the same, and it runs."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pandas as pd
import pytest
import yaml
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.schemas.automations import AutomationCore
from prefect.settings import PREFECT_API_URL

from deployments.schedules import DECLARED, read_deployments
from twinflow.errors import SettingsError

BIN = Path(sys.executable).parent
README = (DECLARED.parents[1] / "docs/operations.md").read_text(encoding="utf-8")
POOL_COMMANDS = re.findall(r"^\.venv/bin/prefect .*", README.split("## A work pool")[1].split("\n##")[0], re.MULTILINE)
SUMMER_TIME_HOURS = {1, 2}
NOTIFIED = {"twinflow.drift.detected", "twinflow.model.published", "twinflow.model.rejected"}
DEPLOYED = ["train", "inbox", "monitor", "compare"]
KEPT = ("entrypoint", "parameters", "concurrency_options", "paused", "description", "parameter_openapi_schema")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFLOW_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TWINFLOW_RUNS", str(tmp_path / "runs"))


def on_server() -> dict[str, DeploymentResponse]:
    with get_client(sync_client=True) as client:
        return {deployment.name: deployment for deployment in client.read_deployments()}


def triggers() -> list[dict]:
    with get_client(sync_client=True) as client:
        found = client._client.post("/automations/filter", json={}).json()
    of_ours = [each for each in found if each["name"].startswith("twinflow")]
    return [{key: each["trigger"][key] for key in ("expect", "match", "threshold", "within")} for each in of_ours]


def test_what_is_served_is_what_prefect_deploys(folders: None, tmp_path: Path) -> None:
    from prefect.runner import Runner

    (tmp_path / "deployments").symlink_to(DECLARED.parent)
    for command in POOL_COMMANDS[:-1]:  # the last starts a worker
        ended = subprocess.run(
            command.replace(".venv/bin/", f"{BIN}/").split(),
            env={**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value()},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    deployed, deployed_triggers = on_server(), triggers()
    with get_client(sync_client=True) as client:
        for deployment in deployed.values():
            client.delete_resource_owned_automations(f"prefect.deployment.{deployment.id}")
            client.delete_deployment(deployment.id)
    runner = Runner()
    for deployment in read_deployments():
        runner.add_deployment(deployment)
    served, served_triggers = on_server(), triggers()
    assert set(deployed) == set(served) == set(DEPLOYED)
    for name, one in served.items():
        other = deployed[name]
        assert {key: getattr(one, key) for key in KEPT} == {key: getattr(other, key) for key in KEPT}
        assert [each.schedule for each in one.schedules] == [each.schedule for each in other.schedules]
        assert (one.work_pool_name, other.work_pool_name, other.pull_steps) == (None, "twinflow", [])
    assert served_triggers == deployed_triggers
    assert [trigger["expect"] for trigger in served_triggers] == [["twinflow.drift.detected"]]


def test_pools_of_containers_and_notifications_are_accepted() -> None:
    folder = DECLARED.parent
    block = CustomWebhookNotificationBlock(name="test", url="http://127.0.0.1:1").save("twinflow-test")
    declared = (folder / "notifications.yaml").read_text().replace("TWINFLOW_NOTIFY", str(block))
    automations = [AutomationCore(**each) for each in yaml.safe_load(declared)["automations"]]
    with get_client(sync_client=True) as client:
        for kind in ("docker", "kubernetes"):
            template = json.loads((folder / f"{kind}.json").read_text())
            client.create_work_pool(WorkPoolCreate(name=f"twinflow-{kind}", type=kind, base_job_template=template))
            assert client.read_work_pool(f"twinflow-{kind}").base_job_template == template
            client.delete_work_pool(f"twinflow-{kind}")
        for automation in automations:
            client.delete_automation(client.create_automation(automation))
    assert automations[1].trigger.expect == NOTIFIED
    assert set(automations[0].trigger.match_related["prefect.resource.name"]) == set(DEPLOYED)


def test_schedules_are_sound(folders: None, tmp_path: Path) -> None:
    deployments = {deployment.name: deployment for deployment in read_deployments()}
    assert deployments["compare"].paused
    assert deployments["monitor"].parameters["model"] == str(tmp_path / "runs" / "current")
    for deployment in deployments.values():
        assert deployment.concurrency_limit == 1
        assert deployment.concurrency_options.collision_strategy == ConcurrencyLimitStrategy.CANCEL_NEW
        (schedule,) = (each.schedule for each in deployment.schedules)
        assert isinstance(schedule, CronSchedule)
        assert ZoneInfo(schedule.timezone)
        assert set(deployment.parameters) <= set(deployment._parameter_openapi_schema.properties)
        minute, hour = schedule.cron.split()[:2]
        assert hour == "*" or int(hour) not in SUMMER_TIME_HOURS
        (row,) = re.findall(rf"^\| `{deployment.full_name}` \|.*", README, re.MULTILINE)
        assert (f" {minute} minutes past" if hour == "*" else f" at {hour}:{int(minute):02}") in row


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "FileNotFoundError"),
        ("deployments: [{name: train}]", "KeyError: 'entrypoint'"),
        ("deployments: [{name: train, entrypoint: flows.none.train}]", "ModuleNotFoundError"),
        ("deployments: [{name: a, entrypoint: flows.train.train, schedules: [{interval: soon}]}]", "ValidationError"),
        ("a: [", "ParserError"),
    ],
)
def test_declaration_that_cannot_be_served_is_said(tmp_path: Path, text: str | None, found: str) -> None:
    path = tmp_path / "prefect.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(f"{path}: expected deployments as Prefect declares them")) as one:
        read_deployments(path)
    assert found in str(one.value)


@pytest.fixture
def drifted(sample: Path, tmp_path: Path) -> Path:
    """A folder with few pairs to train on, and new ones that have moved."""
    folder = tmp_path / "data"
    folder.mkdir()
    frames = {name: pd.read_csv(sample / f"{name}.csv", nrows=300) for name in ("train", "test")}
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    moved = frames["test"].drop(columns="class")
    (moved + moved.std()).to_csv(folder / "new.csv", index=False)
    return folder


@pytest.fixture
def often(tmp_path: Path) -> Path:
    """The same deployments, but the check is due every 30 seconds, and training only after drift, and short."""
    document = yaml.safe_load(DECLARED.read_text())
    train, _, monitor, _ = document["deployments"]
    train["schedules"] = []
    train["parameters"] |= {"settings": {"folds": 2, "epochs": 2}, "name": "retrained"}
    monitor["schedules"] = [{"interval": 30, "timezone": "UTC"}]
    (tmp_path / "often.yaml").write_text(yaml.safe_dump(document))
    return tmp_path / "often.yaml"


@pytest.fixture
def up(own_run: Path, drifted: Path, often: Path, tmp_path: Path) -> Iterator[subprocess.Popen]:
    """`twinflow up` as a process, over a folder whose current run is that of the sample."""
    (own_run.parent / "current").symlink_to(own_run.name)
    stub = tmp_path / "stub" / "evidently"  # its page is not looked at: spares the import
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'evidently'\")\n")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    options = {"data": drifted, "runs": own_run.parent, "home": tmp_path / "home", "deployments": often}
    command = [BIN / "twinflow", "up", "--port", "0", "--reports-port", "0"]
    process = subprocess.Popen(
        [*command, *(word for name, value in options.items() for word in (f"--{name}", value))],
        env={**environment, "PYTHONPATH": str(stub.parent)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def signed(home: Path) -> dict[str, str]:
    """The headers of a request by whoever may read the password in a Prefect home."""
    password = (home / "twinflow-password").read_bytes().strip()
    return {"Authorization": f"Basic {base64.b64encode(password).decode()}"}


def wait_for(done: Callable[[], object], seconds: float, up: subprocess.Popen) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert up.poll() is None, up.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.5)


def test_without_data_it_serves_and_says_what_it_waits_for(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    words = ["up", "--port", "0", "--reports-port", "0", "--home", str(tmp_path / "home")]
    process = subprocess.Popen(
        [BIN / "twinflow", *words], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        said = [process.stdout.readline().rstrip() for _ in range(2 + 2 * len(DEPLOYED))]
    finally:
        process.terminate()
        process.communicate(timeout=60)
    training, current = f"{tmp_path}/data/train.csv, {tmp_path}/data/test.csv", f"{tmp_path}/runs/current"
    assert said[-4:] == [
        f"waits    train/train for {training}",
        f"waits    inbox/inbox for {current}",
        f"waits    monitor/monitor for {tmp_path}/data/new.csv, {current}",
        f"waits    compare/compare for {training}",
    ]


def test_schedule_fires_drift_retrains_and_all_of_it_stops(up: subprocess.Popen, own_run: Path, tmp_path: Path) -> None:
    said = dict(up.stdout.readline().split() for _ in range(2))
    assert [up.stdout.readline().split() for _ in DEPLOYED] == [["serving", f"{n}/{n}"] for n in DEPLOYED]
    assert all(re.fullmatch(r"http://127\.0\.0\.1:\d+/?", url) for url in said.values())
    with urllib.request.urlopen(f"{said['UI']}/ui-settings", timeout=10) as answer:
        assert json.load(answer)["api_url"] == "/api"
    client = httpx.Client(base_url=f"{said['UI']}/api", headers=signed(tmp_path / "home"), timeout=10)
    server = client.get("/admin/settings").json()["server"]
    assert (server["analytics_enabled"], server["ui"]["show_promotional_content"]) == (False, False)
    runs = own_run.parent
    wait_for(lambda: list(runs.glob("monitor/*/manifest.json")), 120, up)
    wait_for(lambda: list(runs.glob("*-retrained/manifest.json")), 150, up)
    check, retrained = (next(runs.glob(f"{each}/manifest.json")).parent for each in ("monitor/*", "*-retrained"))
    with urllib.request.urlopen(said["reports"], timeout=10) as answer:
        listed = answer.read().decode()
    assert f"{own_run.name}/report.html" in listed
    found = client.post("/artifacts/filter", json={}).json()
    for key, report in (("drift", check / "drift.html"), ("report", retrained / "report.html")):
        told = "".join(each["data"] for each in found if each["key"] == key)
        assert f"]({said['reports']}{report.relative_to(runs)})" in told
        made_by = json.loads((report.parent / "manifest.json").read_text())["flow_run"]
        assert f'href="{said["UI"].rstrip("/")}/runs/flow-run/{made_by}"' in listed
        assert client.get(f"/flow_runs/{made_by}").status_code == 200
    client.close()
    up.send_signal(signal.SIGTERM)
    out, err = up.communicate(timeout=60)
    assert (up.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert not re.search("oneDNN|absl|cuda", err)  # TensorFlow's own lines
    for url in said.values():
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(url, timeout=5)

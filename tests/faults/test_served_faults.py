"""Faults of what is served and recorded (F1, N16, N19): after any kill the next run goes, and records don't pile up."""

from __future__ import annotations

import inspect
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, FlowRun
from prefect.events.worker import EventsWorker
from prefect.flows import Flow
from prefect.settings import PREFECT_API_URL, PREFECT_LOCAL_STORAGE_PATH, get_current_settings, temporary_settings
from prefect.states import Cancelling, Completed, Pending, Running, State
from prefect.testing.utilities import prefect_test_harness

from flows.inbox import inbox
from flows.serving import dead_runs
from flows.serving.alone import alone_since
from flows.serving.dead_runs import end_dead_runs, free_slots
from flows.serving.holding import LABEL, Holder, holder_of
from flows.serving.recorded import FLOWS
from flows.serving.retention import drop_records
from tests.helpers.served import NAMES, Served, prepare, wait_until

INBOX = {"inbox": "/nowhere", "model": "/none"}


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    EventsWorker.drain_all()  # what tells another server of the tests would go on doing so
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that takes time has had it."""
    for name in ("BEGUN", "BEGUN_ANYWAY", "LEASED"):
        monkeypatch.setattr(dead_runs, name, timedelta(0))


@pytest.fixture
def gone(tmp_path: Path) -> Holder:
    """A process of this machine that is gone."""
    (tmp_path / "id").write_text("here")
    machine, boot = os.uname().nodename, "before"
    return Holder(folder=str(tmp_path), id="here", lock="0" * 32, machine=machine, boot=boot)


def recorded(client: SyncPrefectClient, state: State[Any], holder: Holder | None = None, **more: Any) -> FlowRun:
    """A run of the inbox that is recorded in a state."""
    run = client.create_flow_run(inbox, **{"parameters": INBOX, **more})
    client.set_flow_run_state(run.id, state)
    if holder:
        client.update_flow_run_labels(run.id, {LABEL: holder.model_dump_json()})
    return run


def recorded_results(client: SyncPrefectClient, ended: list[State[Any]]) -> int:
    """How many results of ended runs, and of their tasks, the server knows: it hears of tasks a little later."""
    runs = {state.state_details.flow_run_id for state in ended}
    tasks = [task for task in client.read_task_runs() if task.flow_run_id in runs]
    return len(runs) + sum(task.state is not None and task.state.is_final() for task in tasks)


def state_of(client: SyncPrefectClient, run: FlowRun | UUID) -> str:
    found = client.read_flow_run(run if isinstance(run, UUID) else run.id).state
    assert found
    return found.type.value


def test_f1_only_runs_whose_process_is_gone_are_ended(client: SyncPrefectClient, gone: Holder, later: None) -> None:
    killed = recorded(client, Running(), gone)
    cancelled = recorded(client, Running(), gone)
    client.set_flow_run_state(cancelled.id, Cancelling())
    elsewhere = recorded(client, Running(), gone.model_copy(update={"machine": "another"}))
    foreign = recorded(client, Running(), gone, parameters={"folder": "another project's"})
    done = recorded(client, Completed(), gone)
    for own in (False, True):
        ended = {run.id for run in end_dead_runs(client, own=own)}
        assert ended == (set() if own else {killed.id, cancelled.id})
        found = [state_of(client, run) for run in (killed, cancelled, elsewhere, foreign, done)]
        assert found == ["CRASHED", "CANCELLED", "RUNNING", "RUNNING", "COMPLETED"]
    for run in (elsewhere, foreign):
        client.delete_flow_run(run.id)


def test_f1_a_run_that_ends_while_it_is_judged_has_ended(
    client: SyncPrefectClient, gone: Holder, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(client, Running(), gone)
    monkeypatch.setattr(Holder, "is_gone", lambda _: client.set_flow_run_state(run.id, Completed()) and True)
    assert end_dead_runs(client, own=True) == []
    assert state_of(client, run) == "COMPLETED"


def test_f1_a_run_that_nobody_held_is_ended_where_nobody_else_could(client: SyncPrefectClient, later: None) -> None:
    running, pending = recorded(client, Running()), recorded(client, Pending())
    assert {run.id for run in end_dead_runs(client, own=False)} == {pending.id}
    assert state_of(client, running) == "RUNNING"  # perhaps another version's, on another machine
    assert {run.id for run in end_dead_runs(client, own=True)} == {running.id}


def test_f1_what_has_just_begun_is_left_alone(client: SyncPrefectClient, gone: Holder) -> None:
    deployment = client.create_deployment(client.create_flow(inbox), "begun", parameters=INBOX)
    before = datetime.now(UTC)
    held, plain = recorded(client, Running(), gone), recorded(client, Running())
    served = [client.create_flow_run_from_deployment(deployment) for _ in range(2)]
    for run, state in zip(served, (Running(), Pending()), strict=True):
        client.set_flow_run_state(run.id, state)
    assert end_dead_runs(client, own=True) == []
    assert end_dead_runs(client, own=True, alone=before) == []
    ended = end_dead_runs(client, own=True, alone=datetime.now(UTC))
    assert {run.id for run in ended} == {run.id for run in served}  # who started them was gone by then
    client.delete_deployment(deployment)
    for run in (held, plain):
        client.delete_flow_run(run.id)


def test_f1_who_serves_from_a_home_knows_whether_others_do(tmp_path: Path) -> None:
    with alone_since(tmp_path) as first, alone_since(tmp_path) as second:
        assert (first is None, second is None) == (False, True)
    with alone_since(tmp_path) as third:
        assert third


def test_f1_runs_of_a_work_pool_are_its_workers(client: SyncPrefectClient, gone: Holder, later: None) -> None:
    client.create_work_pool(WorkPoolCreate(name="cluster", type="kubernetes"))
    flow = client.create_flow(inbox)
    deployment = client.create_deployment(flow, "pooled", work_pool_name="cluster", parameters=INBOX)
    runs = [client.create_flow_run_from_deployment(deployment) for _ in range(2)]
    for run, state in zip(runs, (Pending(), Running()), strict=True):
        client.set_flow_run_state(run.id, state)
    away = gone.model_copy(update={"machine": "a pod"})
    client.update_flow_run_labels(runs[1].id, {LABEL: away.model_dump_json()})
    assert end_dead_runs(client, own=True) == []
    assert [state_of(client, run) for run in runs] == ["PENDING", "RUNNING"]
    client.delete_deployment(deployment)
    for run in runs:
        client.delete_flow_run(run.id)


def test_f1_slots_that_no_run_holds_are_freed(client: SyncPrefectClient) -> None:
    one = ConcurrencyLimitConfig(limit=2, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    flow = client.create_flow(inbox)
    deployment = client.create_deployment(
        flow, "slots", parameters=INBOX, concurrency_limit=one.limit, concurrency_options=None
    )

    def slots() -> int:
        limit = client.read_deployment(deployment).global_concurrency_limit
        assert limit
        return limit.active_slots

    run = client.create_flow_run_from_deployment(deployment)
    client.set_flow_run_state(run.id, Pending())
    name = f"deployment:{deployment}"
    client.increment_concurrency_slots(names=[name], slots=1, mode="concurrency")
    assert slots() == 2
    free_slots(client, ["inbox/slots", "inbox/never-served"])
    assert slots() == 1
    free_slots(client, ["inbox/slots"])
    assert slots() == 1
    client.delete_flow_run(run.id)
    client.delete_deployment(deployment)


def test_f1_a_run_says_who_holds_it(client: SyncPrefectClient, tmp_path: Path) -> None:
    state = inbox(str(tmp_path / "in"), return_state=True)
    run = client.read_flow_run(state.state_details.flow_run_id)
    holder = holder_of(run)
    assert holder
    assert holder.is_gone() is False
    assert Path(holder.folder).parent == get_current_settings().home


def test_f1_our_runs_are_told_by_the_parameters_that_their_flows_need() -> None:
    for name, needed in FLOWS.items():
        flow: Flow[..., Any] = getattr(import_module(f"flows.{name}"), name)
        given = inspect.signature(flow.fn).parameters.values()
        assert {each.name for each in given if each.default is inspect.Parameter.empty} == needed
        assert flow.name == name
    assert set(NAMES) < set(FLOWS)


def test_f1_after_a_power_cut_the_next_run_goes(tmp_path: Path) -> None:
    prepare(tmp_path, head="euclidean", folds=2, epochs=500, patience=500)
    with Served(tmp_path) as up:
        killed = up.begin("train")
        assert up.reach(killed, {"RUNNING", "CANCELLED"}, 120) == "RUNNING"
        wait_until(lambda: bool(list(tmp_path.glob("runs/*/work/begun.json"))), 60)
        up.kill("server", "flow", "up")
    with Served(tmp_path) as up:
        assert up.state(killed) == "CRASHED"
        (run,) = tmp_path.glob("runs/2*")
        assert any(line.startswith("crashed  train train.csv") for line in up.said)
        assert f"unfinished  twinflow resume {run}" in up.said
        assert up.reach(up.begin("train"), {"RUNNING", "CANCELLED"}, 120) == "RUNNING"
        assert up.end() == 0


def test_f1_a_command_that_was_killed_is_recorded_by_the_next(tmp_path: Path) -> None:
    prepare(tmp_path)
    data, home = tmp_path / "data", tmp_path / "home"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    given: dict[str, Any] = {"env": {**inherited, "PREFECT_HOME": str(home)}, "cwd": tmp_path}
    command = Path(sys.executable).with_name("twinflow")
    train = [command, "train", "--train", data / "train.csv", "--test", data / "test.csv", "--set", "patience=200"]
    with subprocess.Popen(train, stderr=subprocess.DEVNULL, **given) as process:
        wait_until(lambda: bool(list(tmp_path.glob("runs/*/work/begun.json"))), 120)
        process.kill()
    assert states_in(home, "train") == ["RUNNING"]
    subprocess.run([command, "inbox", data / "inbox"], stdout=subprocess.DEVNULL, check=True, **given)
    assert states_in(home, "train") == ["CRASHED"]


def states_in(home: Path, flow: str) -> list[str]:
    """The states of the runs of a flow in the database of a Prefect home."""
    with closing(sqlite3.connect(home / "prefect.db")) as database:
        query = "select state_type from flow_run join flow on flow.id = flow_id where flow.name = ?"
        return [state for (state,) in database.execute(query, [flow])]


def test_n16_who_stops_serving_leaves_the_schedules_to_others(tmp_path: Path) -> None:
    url = str(PREFECT_API_URL.value())
    prepare(tmp_path)

    def paused(up: Served) -> dict[str, bool]:
        return {each["name"]: each["paused"] for each in up.ask("/deployments/filter") if each["name"] in NAMES}

    expected = {name: name == "compare" for name in NAMES}
    with Served(tmp_path, url) as one, Served(tmp_path, url) as other:
        assert one.end() == 0
        assert paused(other) == expected
        with Served(tmp_path, url) as third:
            other.kill("up")
            assert paused(third) == expected
            assert third.end() == 0
            assert paused(third) == expected


def test_n19_records_stay_within_their_number(client: SyncPrefectClient, tmp_path: Path, gone: Holder) -> None:
    storage = tmp_path / "storage"
    under_way = recorded(client, Running(), gone.model_copy(update={"machine": "another"}))
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: storage}):
        states = [inbox(str(tmp_path / "in"), return_state=True) for _ in range(3)]
        assert len(list(storage.iterdir())) == 9
        wait_until(lambda: recorded_results(client, states) == 9, 60)
        assert drop_records(client, 1) >= 2
        assert len(list(storage.iterdir())) == 3
        assert states[-1].result()["states"] == {"scored": 0, "partly scored": 0, "failed": 0, "waiting": 0}
        assert drop_records(client, 1) == 0
    last = states[-1].state_details.flow_run_id
    left = {run.id for run in client.read_flow_runs()}
    assert left & {under_way.id, *(state.state_details.flow_run_id for state in states)} == {last, under_way.id}
    assert {artifact.flow_run_id for artifact in client.read_artifacts()} == {last}
    assert {task.flow_run_id for task in client.read_task_runs()} == {last}
    client.delete_flow_run(under_way.id)


def test_n19_runs_of_others_stay(client: SyncPrefectClient) -> None:
    foreign = recorded(client, Completed(), parameters={"folder": "another project's"})
    ours = recorded(client, Completed())
    assert drop_records(client, 0, deployments=set()) == 0
    assert drop_records(client, 0) >= 1
    left = {run.id for run in client.read_flow_runs()}
    assert (foreign.id in left, ours.id in left) == (True, False)
    client.delete_flow_run(foreign.id)


def test_n19_prune_drops_records_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twinflow: Any) -> None:
    inbox(str(tmp_path / "in"))
    inbox(str(tmp_path / "in"))
    (tmp_path / "runs").mkdir()
    monkeypatch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
    code, out, err = twinflow("prune", "--keep", 1, "--runs", tmp_path / "runs")
    assert (code, out) == (0, "")
    assert err.endswith("records of runs dropped in Prefect\n")
    assert twinflow("prune", "--keep", 1, "--runs", tmp_path / "runs") == (0, "", "")

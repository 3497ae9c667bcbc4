"""The flows on their schedules, as `prefect.yaml` declares them, for a runner to serve."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from twinflow.errors import SettingsError

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

DECLARED = Path(__file__).with_name("prefect.yaml")
PLAIN = ("name", "description", "paused", "parameters", "tags")


def read_deployments(declared: Path = DECLARED) -> list[RunnerDeployment]:
    """The deployments of a `prefect.yaml`, environment variables filled in as `prefect deploy` does.

    Work pools are left aside: what is served runs in processes of the runner.

    Raises:
        SettingsError: the file can't be read, or doesn't declare deployments that Prefect accepts.
    """
    from prefect.utilities.templating import apply_values

    try:
        documents = yaml.safe_load(declared.read_text(encoding="utf-8"))["deployments"]
        return [_deployment(apply_values(document, dict(os.environ))) for document in documents]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, yaml.YAMLError) as error:
        found = f"{type(error).__name__}: {error}".replace("\n", " ")
        raise SettingsError(f"{declared}: expected deployments as Prefect declares them, found {found}") from None


def _deployment(document: dict[str, Any]) -> RunnerDeployment:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig
    from prefect.deployments.runner import RunnerDeployment
    from prefect.events import DeploymentTriggerTypes
    from prefect.flows import Flow
    from prefect.schedules import Schedule
    from prefect.types.entrypoint import EntrypointType
    from prefect.utilities.importtools import import_object
    from pydantic import TypeAdapter

    kinds: dict[str, TypeAdapter[Any]] = {
        "schedules": TypeAdapter(list[Schedule]),
        "triggers": TypeAdapter(list[DeploymentTriggerTypes]),
        "concurrency_limit": TypeAdapter(int | ConcurrencyLimitConfig),
    }
    typed = {key: kind.validate_python(document[key]) for key, kind in kinds.items() if key in document}
    plain = {key: document[key] for key in PLAIN if key in document}
    flow: Flow[..., Any] = import_object(document["entrypoint"])
    return RunnerDeployment.from_flow(flow, **plain, **typed, entrypoint_type=EntrypointType.MODULE_PATH)

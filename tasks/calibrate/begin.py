"""Make the folder of a run that takes over a network and gets a threshold of its own."""

import shutil
from pathlib import Path
from typing import Any

from tasks.step.result import RunOpened
from tasks.step.step import Step
from twinflow.calibration.recalibration import recalibrated_settings
from twinflow.runs import files
from twinflow.runs.folder import check_run, listed_files, new_run
from twinflow.settings import load_settings, settings_yaml
from twinflow.system.atomic import write_text
from twinflow.system.json_files import read_json, write_json


@Step
def open_recalibration(model: str, changes: dict[str, Any], runs: str | None, name: str | None) -> RunOpened:
    """Check the run of the network and copy its files into a new one, beside it or in RUNS."""
    source = check_run(Path(model))
    settings = recalibrated_settings(load_settings(source / files.SETTINGS), changes)
    run = new_run(Path(runs) if runs else source.parent, name)
    for file in listed_files(source):
        (run / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, run / file)
    write_text(run / files.SETTINGS, settings_yaml(settings))
    former = read_json(source / files.CALIBRATION)["threshold"]
    known = {**read_json(run / files.INPUTS), "network_of": source.name, "former_threshold": former}
    write_json(run / files.INPUTS, known)
    return RunOpened(run=str(run), said=f"{run}, with the network of {source.name}")

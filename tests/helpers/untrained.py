"""Models at work that were never trained: their networks are as they were made, and so is what scores mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twinflow.calibration.calibrate import Calibration, calibrate
from twinflow.calibration.document import calibration_document
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import ScoringNetwork
from twinflow.runs.folder import new_run
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text
from twinflow.system.json_files import write_json


def calibrated(settings: Settings) -> Calibration:
    """That of scores from 0 to 99, of which those above 50 are of same pairs."""
    return calibrate(np.arange(100.0), np.arange(100) > 50, settings)


def verifier_of(network: ScoringNetwork, settings: Settings) -> Verifier:
    return Verifier(network, calibrated(settings), settings, Path("run"))


def write_run(runs: Path, network: TwinNetwork, settings: Settings) -> Path:
    """A folder with what scoring needs of a run, not sealed yet."""
    run = new_run(runs)
    network.save(run / "model.keras")
    write_json(run / "inputs.json", {"train": {"sha256": ""}})
    write_json(run / "calibration.json", calibration_document(run, calibrated(settings)))
    write_text(run / "settings.yaml", settings_yaml(settings))
    return run

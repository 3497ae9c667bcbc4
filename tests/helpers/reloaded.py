"""A network as it scores: saved, and read again without Keras."""

import tempfile
from pathlib import Path

from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import ScoringNetwork, load_network


def reloaded(network: TwinNetwork) -> ScoringNetwork:
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder, "model.keras"))
        return load_network(Path(folder, "model.keras"))

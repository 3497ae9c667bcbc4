"""A network as it scores: saved, and read again without Keras."""

import tempfile
from pathlib import Path

from twinflow.inference import ScoringNetwork, load_network
from twinflow.network import TwinNetwork


def reloaded(network: TwinNetwork) -> ScoringNetwork:
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder, "model.keras"))
        return load_network(Path(folder, "model.keras"))

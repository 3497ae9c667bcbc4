"""Compare the test file with the training file."""

from pathlib import Path

from tasks.policies import Result, Step
from twinflow.artifacts import read_json, write_json
from twinflow.pairs import Pairs
from twinflow.settings import load_settings


@Step
def drift(run: str, profiled: Result, evaluated: Result) -> Result:
    """Check every column, the scores, plain cosine and the embeddings for drift, into `drift.json`."""
    from twinflow.inference import load_network
    from twinflow.monitoring.profile import Profile, check_against
    from twinflow.sample import sampled_rows

    folder = Path(run)
    columns = load_settings(folder / "settings.yaml").columns
    threshold = read_json(folder / "calibration.json")["threshold"]
    network, test = load_network(folder / "model.keras"), Pairs.load(folder / "work" / "test")
    some = test.take(sampled_rows(len(test)))
    found, _ = check_against(Profile.load(folder / "profile.npz"), network, some, columns, threshold)
    write_json(folder / "drift.json", found)
    return {"verdict": found["verdict"], "said": found["reason"]}

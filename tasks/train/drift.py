"""Compare the test file with the training file."""

from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.data.pairs import Pairs
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


@Step
def drift(run: str, profiled: Result, evaluated: Result) -> Result:
    """Check every column, the scores, plain cosine and the embeddings for drift, into `drift.json`."""
    from twinflow.data.sampling import sampled_rows
    from twinflow.models.scoring_network import load_network
    from twinflow.monitoring.profile import Profile, check_against

    folder = Path(run)
    columns = load_settings(folder / "settings.yaml").columns
    network, test = load_network(folder / "model.keras"), Pairs.load(folder / "work" / "test")
    some = test.take(sampled_rows(len(test)))
    found, _ = check_against(Profile.load(folder / "profile.npz"), network, some, columns)
    write_json(folder / "drift.json", found)
    return {"verdict": found["verdict"], "said": found["reason"]}

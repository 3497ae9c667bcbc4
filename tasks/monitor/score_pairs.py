"""Score the pairs of a delivery."""

from pathlib import Path

import pandas as pd

from schemas.scores import score_schema
from tasks.step.step import Result, Step
from twinflow.data.columns import OK
from twinflow.scoring.verifier import load
from twinflow.system.atomic import atomic


@Step
def score_pairs(run: str, opened: Result, received: Result) -> Result:
    """Write `scores.parquet`: score, probability, call and status of each pair."""
    folder = Path(run)
    verifier = load(opened["model"])
    scored_pairs = verifier.score_frame(pd.read_parquet(folder / "work" / "pairs.parquet"))
    scores = score_schema(verifier.settings.ids).validate(scored_pairs)
    with atomic(folder / "scores.parquet") as path:
        scores.to_parquet(path, index=False)
    scored = int((scores["status"] == OK).sum())
    return {"rows": scored, "said": f"{scored:,} of {len(scores):,} pairs"}

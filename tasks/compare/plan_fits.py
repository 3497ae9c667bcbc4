"""Which fits a comparison needs."""

from pathlib import Path

import pandas as pd

from tasks.step.step import Result, Step
from twinflow.evaluation.comparison.compare import leader, validation_auc
from twinflow.evaluation.comparison.fit_plan import SHARES, seeds_of, system_settings
from twinflow.evaluation.comparison.fit_store import fit_key
from twinflow.settings import Settings, load_settings

STORE = ".fits"  # beside the runs, so that the next comparison finds them


@Step
def plan_fits(run: str, inputs: Result, parts: Result, systems: list[str], seeds: int) -> Result:
    """Every system with every seed, on all rows and the same split."""
    folder = Path(run)
    settings, train = load_settings(folder / "settings.yaml"), inputs["files"]["train"]["sha256"]
    jobs = [_job(folder, settings, train, system, seed, 1.0) for system in systems for seed in seeds_of(system, seeds)]
    return {"jobs": jobs, "said": f"{len(jobs)} fits of {len(systems)} systems"}


@Step
def plan_learning_curve(run: str, inputs: Result, fitted: list[Result]) -> Result:
    """The system that ranks the validation rows best, of those that learn from rows, on shares of the rows."""
    folder = Path(run)
    settings, train = load_settings(folder / "settings.yaml"), inputs["files"]["train"]["sha256"]
    aucs: dict[str, list[float]] = {}
    for job in fitted:
        scores = pd.read_parquet(Path(job["folder"]) / "train_scores.parquet")
        aucs.setdefault(job["system"], []).append(validation_auc(scores))
    if not set(aucs) - {"cosine"}:
        return {"jobs": [], "said": "no system here learns from rows"}
    name = leader(aucs, trained=True)
    jobs = [_job(folder, settings, train, name, seed, share) for share in SHARES for seed in range(len(aucs[name]))]
    return {"jobs": jobs, "said": f"{name} on {', '.join(f'{share:.0%}' for share in SHARES)} of the rows"}


def _job(run: Path, settings: Settings, train: str, system: str, seed: int, share: float) -> Result:
    key = fit_key(train, system_settings(settings, system, seed), settings.seed, share)
    name = f"{system}, seed {seed}" + ("" if share == 1 else f", {share:.0%} of the rows")
    return {"name": name, "system": system, "seed": seed, "share": share, "folder": str(run.parent / STORE / key)}

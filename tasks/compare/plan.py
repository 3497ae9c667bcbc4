"""Which fits a comparison needs."""

from pathlib import Path

import pandas as pd
from pydantic import BaseModel

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.evaluation.comparison.compare import leader, validation_auc
from twinflow.evaluation.comparison.fit_plan import SHARES, seeds_of, system_settings
from twinflow.evaluation.comparison.fit_store import fit_key
from twinflow.runs import files
from twinflow.settings import Settings, load_settings


class FitJob(BaseModel):
    """A fit that a comparison needs.

    Args:
        name: for people.
        system: name of the head.
        seed: what chance is drawn from.
        share: of the training rows, in (0, 1].
        folder: where the fit is kept.
    """

    name: str
    system: str
    seed: int
    share: float
    folder: str


class Plan(StepResult):
    """The fits to be made."""

    jobs: list[FitJob]


@Step
def plan_fits(run: str, train_sha256: str, systems: list[str], seeds: int) -> Plan:
    """Every system with every seed, on all rows and the same split."""
    folder = Path(run)
    settings = load_settings(folder / files.SETTINGS)
    jobs = [
        _job(folder, settings, train_sha256, system, seed, 1.0)
        for system in systems
        for seed in seeds_of(system, seeds)
    ]
    return Plan(jobs=jobs, said=f"{len(jobs)} fits of {len(systems)} systems")


@Step
def plan_learning_curve(run: str, train_sha256: str, fitted: list[FitJob]) -> Plan:
    """The system that ranks the validation rows best, of those that learn from rows, on shares of the rows."""
    folder = Path(run)
    settings = load_settings(folder / files.SETTINGS)
    aucs: dict[str, list[float]] = {}
    for job in fitted:
        scores = pd.read_parquet(Path(job.folder) / files.TRAIN_SCORES)
        aucs.setdefault(job.system, []).append(validation_auc(scores))
    if not set(aucs) - {"cosine"}:
        return Plan(jobs=[], said="no system here learns from rows")
    name = leader(aucs, trained=True)
    jobs = [
        _job(folder, settings, train_sha256, name, seed, share) for share in SHARES for seed in range(len(aucs[name]))
    ]
    return Plan(jobs=jobs, said=f"{name} on {', '.join(f'{share:.0%}' for share in SHARES)} of the rows")


def _job(run: Path, settings: Settings, train: str, system: str, seed: int, share: float) -> FitJob:
    key = fit_key(train, system_settings(settings, system, seed), settings.seed, share)
    name = f"{system}, seed {seed}" + ("" if share == 1 else f", {share:.0%} of the rows")
    return FitJob(name=name, system=system, seed=seed, share=share, folder=str(run.parent / files.FITS / key))

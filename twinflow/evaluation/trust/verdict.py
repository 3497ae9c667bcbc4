"""The verdict on a model, from all rules: whether one may rely on it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Final

from twinflow.evaluation.trust import call_rules, file_rules, model_rules
from twinflow.evaluation.trust.evidence import Evidence
from twinflow.evaluation.trust.finding import CARE, NOT_TRUSTED, TRUSTED, WEIGHTS, Finding
from twinflow.system.json_files import Document

# Those of one weight are told in this order
RULES: Final[tuple[Callable[[Evidence], Iterator[Finding]], ...]] = (
    file_rules.leaked,
    file_rules.one_class,
    file_rules.too_few,
    file_rules.contradictions,
    model_rules.checks,
    model_rules.chance,
    model_rules.against_cosine,
    model_rules.asked_for,
    model_rules.collapse,
    file_rules.disagreement,
    model_rules.new_items,
    call_rules.limit_missed,
    call_rules.no_better_than_the_larger_class,
    call_rules.rare_class,
    file_rules.drifted,
    file_rules.share_moved,
    call_rules.warnings_of_calibration,
    call_rules.absurd_cells,
    call_rules.sides,
    call_rules.zero_vectors,
    model_rules.underfitting,
    model_rules.overfitting,
    call_rules.repeats,
)
SOUND = (
    "The test pairs are new to the network, enough, and like the training pairs; on them it is better than plain "
    "cosine, and as good as on its validation pairs."
)


def trust(found: Evidence) -> Document:
    """Whether one may rely on a model, JSON-able.

    Returns:
        `verdict`, "can be trusted", "use with care" or "can't be trusted"; `reason`, a sentence; `findings`, the
        heaviest first, as `Finding` has them.
    """
    findings = sorted(
        (each for rule in RULES for each in rule(found)), key=lambda each: WEIGHTS.index(each.weight)
    )  # sorted is stable
    heaviest = findings[0] if findings and findings[0].weight in (NOT_TRUSTED, CARE) else None
    return {
        "verdict": heaviest.weight if heaviest else TRUSTED,
        "reason": heaviest.cause if heaviest else SOUND,
        "findings": [asdict(each) for each in findings],
    }


def turned_away(verdict: Document) -> list[str]:
    """Why the gate turns a model away that can't be trusted: a sentence each."""
    return [each["cause"] for each in verdict["findings"] if each["weight"] == NOT_TRUSTED]

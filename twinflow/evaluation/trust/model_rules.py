"""What makes a model a poor one: ranking by chance, no gain over cosine, checks that fail, a fit gone wrong."""

from __future__ import annotations

from collections.abc import Iterator

from twinflow.evaluation.overfitting import UNDERFITTED, extent
from twinflow.evaluation.slices import BY_SEEN, SEEN
from twinflow.evaluation.trust.evidence import Evidence
from twinflow.evaluation.trust.finding import CARE, NOT_TRUSTED, NOTE, Finding
from twinflow.statistics.numbers import count, interval, number, percent, signed, with_interval

TOLERANCE = 1e-5  # of a score, relative where it is over 1
CHECKS = {
    "symmetry": "Its scores change by up to {:.2g} when left and right are swapped.",
    "reload": "The saved network's scores differ by up to {:.2g} from those it was judged by.",
}
COMPARE = "See which system suits these pairs best."


def chance(found: Evidence) -> Iterator[Finding]:
    """Scores that rank test pairs no better than chance, or the wrong way round."""
    auc, ends = found.metrics["test"]["auc"], found.metrics["test"]["auc_interval"]
    if auc is None or not ends or ends[0] > 0.5:
        return
    wrong = ends[1] < 0.5
    ranks = "ranks pairs the wrong way round" if wrong else "can't be told from chance"
    cause = f"It {ranks}: its test AUC is {with_interval(auc, ends)}."
    effect = "Its scores say the opposite of the labels: are 0 and 1 swapped?" if wrong else "Its calls are guesses."
    yield Finding("wrong direction" if wrong else "chance", NOT_TRUSTED, cause, effect, found.on_both_files("compare"))


def checks(found: Evidence) -> Iterator[Finding]:
    """Scores that should be equal and are not."""
    for check, apart in found.differences.items():
        if not apart <= TOLERANCE:
            effect = "The network that was saved is not the one that was judged, or it is broken."
            yield Finding("checks", NOT_TRUSTED, CHECKS[check].format(apart), effect, found.train_again("--force"))


def asked_for(found: Evidence) -> Iterator[Finding]:
    """A test AUC below the setting `minimum_auc`."""
    least, auc = found.settings.get("minimum_auc"), found.metrics["test"]["auc"]
    if least is not None and auc is not None and auc < least:
        cause = f"Its test AUC is {number(auc)}; at least {least:g} is asked for."
        yield Finding(
            "minimum AUC", NOT_TRUSTED, cause, "It is not what you asked for.", found.on_both_files("compare")
        )


def against_cosine(found: Evidence) -> Iterator[Finding]:
    """A model that is worse than plain cosine, or no better."""
    against, rule = found.metrics["against_cosine"], "no better than cosine"
    difference, ends = against["auc_difference"], against["interval"]
    if found.record["fallback"]:
        cause = f"The scores are plain cosine's, because {found.record['fallback'].rstrip('.')}."
        yield Finding(rule, CARE, cause, "Training has brought nothing.", found.on_both_files("compare"))
    elif difference is None or not ends or ends[0] > 0:
        return
    elif ends[1] < 0:
        cause = (
            f"It is worse than plain cosine: its test AUC is lower by {number(-difference)}, 95% interval "
            f"{number(-ends[1])} to {number(-ends[0])}."
        )
        effect = "Untrained, the vectors tell more than this model."
        yield Finding("worse than cosine", NOT_TRUSTED, cause, effect, found.train_again("--set", "head=cosine"))
    elif found.settings["head"] == "cosine":
        cause = "The head is plain cosine, which learns nothing from your pairs."
        yield Finding(rule, CARE, cause, f"A trained head may do better. {COMPARE}", found.on_both_files("compare"))
    else:
        cause = (
            f"It is no better than plain cosine beyond chance: the difference in AUC is {signed(difference)}, 95% "
            f"interval {signed(ends[0])} to {signed(ends[1])}."
        )
        effect = f"More labels, or another system, may bring a gain. {COMPARE}"
        yield Finding(rule, CARE, cause, effect, found.on_both_files("compare"))


def collapse(found: Evidence) -> Iterator[Finding]:
    """All pairs called alike."""
    confusion = found.metrics["test"]["confusion"]
    called = confusion["tp"] + confusion["fp"]
    if called in (0, found.metrics["rows"]) and found.rarer:
        name = "same" if called else "different"
        cause = f"All {found.metrics['rows']:,} test pairs are called {name}."
        effect = "The calls tell nothing; the scores may. Another objective chooses another threshold."
        command = found.calibrate("--objective", "balanced-accuracy")
        yield Finding("all called alike", NOT_TRUSTED, cause, effect, command)


def new_items(found: Evidence) -> Iterator[Finding]:
    """Surely lower figures on items that are new, where most test pairs are of known ones."""
    metrics = found.metrics
    seen, rows = metrics["seen"], metrics["rows"]
    if 2 * seen["neither"] >= rows:
        return
    of_new = next((p for p in metrics["slices"] if (p["by"], p["value"]) == (BY_SEEN, SEEN[0])), None)
    known = percent(1 - seen["neither"] / rows, 0)
    cause = f"{known} of the test pairs have an item that stands in the training file."
    answer = metrics["new_items"] or {}
    against = (answer.get("against_known") or {}).get("interval")
    if against and against[1] < 0:
        auc = with_interval(answer["new"]["auc"], answer["new"]["auc_interval"])
        known_auc = number(answer["known"]["auc"])
        effect = f"On items that are new expect an AUC of {auc}, where on known ones it is {known_auc}."
        yield Finding("new items", CARE, cause, effect)
    elif not answer and of_new is None:
        effect = "What the model is worth on items that are new is not known. Test on pairs of other items."
        yield Finding("new items", CARE, cause, effect, found.train_again(test="PAIRS_OF_NEW_ITEMS"))


def overfitting(found: Evidence) -> Iterator[Finding]:
    """Rows that were trained on, ranked much better than others."""
    gap = found.record.get("seen")
    if gap and extent(gap) == "much":
        cause = (
            f"It overfits: pairs it was trained on are ranked with an AUC of {number(gap['seen_auc'])}, others with "
            f"{number(gap['unseen_auc'])}, a gap of {number(gap['gap'])} (95% interval {interval(gap['interval'])})."
        )
        effect = "The test figures are not touched by it. More labelled pairs help most."
        yield Finding("overfitting", NOTE, cause, effect, found.on_both_files("compare"))


def underfitting(found: Evidence) -> Iterator[Finding]:
    """Rows that were trained on, ranked next to chance, or a fit that was cut off while it still improved."""
    gap, limit = found.record.get("seen"), found.settings.get("epochs")
    cut_off = sum(epoch == limit for epoch in found.record["kept_epochs"])
    if limit and cut_off:
        members = count(found.record["members"], "member")
        cause = f"It underfits: {cut_off} of {members} still improved at the last of {limit} epochs."
        command = found.train_again("--set", f"epochs={2 * limit}")
        yield Finding("underfitting", NOTE, cause, "More epochs may bring a better model.", command)
    elif gap and found.record["parameters"] and gap["seen_auc"] < UNDERFITTED:
        cause = f"It underfits: even pairs it was trained on are ranked with an AUC of {number(gap['seen_auc'])} only."
        effect = f"It has learned next to nothing. {COMPARE}"
        yield Finding("underfitting", CARE, cause, effect, found.on_both_files("compare"))

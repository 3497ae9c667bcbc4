"""The comparisons of several data sets as one table, and whether the default keeps what is asked of it."""

from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

DEFAULT = "anchored"
BASELINES = ("cosine", "logistic", "boosting")
QUESTION = ("euclidean", "euclidean-dropout", "euclidean-linear", "l1-sigmoid", "l1-logits", "l1-contrastive")


def table(documents: dict[str, Document]) -> Document:
    """Test AUC of every system (rows) on every set (columns), and the default against the others.

    Args:
        documents: `compare.json` by set.
    """
    names = list(dict.fromkeys(system["name"] for document in documents.values() for system in document["systems"]))
    auc = {name: {key: _auc(document, name) for key, document in documents.items()} for name in names}
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": next(iter(documents.values()))["inputs"]["versions"],
        "seeds": max(document["seeds"] for document in documents.values()),
        "rows": {key: document["rows"] for key, document in documents.items()},
        "test_auc": auc,
        "ties": {key: _ties_with_best(document) for key, document in documents.items()},
        "default": _default(documents, auc) if DEFAULT in auc else None,
    }


def _default(documents: dict[str, Document], auc: Document) -> Document:
    """How the default does: where it is surely worse, and surely better than all of the question's systems."""
    worse, better = {}, []
    for key, document in documents.items():
        intervals = {name: found["interval"] for name, found in document["differences"].get(DEFAULT, {}).items()}
        worse[key] = [name for name, ends in intervals.items() if ends and ends[1] < 0]
        asked = [intervals[name] for name in QUESTION if name in intervals]
        if asked and all(ends and ends[0] > 0 for ends in asked):
            better.append(key)
    margins = {}
    for key in documents:
        others = [auc[name][key]["mean"] for name in BASELINES if name in auc and auc[name][key]]
        own = auc[DEFAULT][key]
        if own and others:
            margins[key] = own["mean"] - max(others)
    return {
        "surely_worse_than": {key: names for key, names in worse.items() if names},
        "surely_better_than_the_question": better,
        "above_best_baseline": margins,
        "mean_above_best_baseline": sum(margins.values()) / len(margins) if margins else None,
    }


def markdown(summed: Document) -> str:
    """The table as Markdown: means over seeds; bold, what can't be told apart from the best of the column."""
    sets = list(summed["rows"])
    versions = ", ".join(f"{name} {summed['versions'][name]}" for name in ("twinflow", "tensorflow"))
    lines = [
        f"Test AUC, mean of up to {summed['seeds']} seeds, {summed['date']}, {versions}. Bold: not surely worse than "
        "the best of the column (95%, paired bootstrap over the test pairs).",
        "",
        f"| system | {' | '.join(sets)} | mean |",
        f"|---|{'---|' * (len(sets) + 1)}",
    ]
    for name, found in sorted(summed["test_auc"].items(), key=lambda item: -(_mean(item[1]) or 0)):
        cells = [_cell(found[key], name in summed["ties"][key]) for key in sets]
        mean = _mean(found)
        lines.append(f"| {name} | {' | '.join(cells)} | {'' if mean is None else f'{mean:.3f}'} |")
    return "\n".join([*lines, "", *_said(summed["default"], len(sets))]) + "\n"


def _said(default: Document | None, sets: int) -> list[str]:
    if default is None:
        return []
    worse = "; ".join(f"{key}: {', '.join(names)}" for key, names in default["surely_worse_than"].items())
    mean = default["mean_above_best_baseline"]
    return [
        f"- `{DEFAULT}` is surely worse than {worse or 'no system on any set'}.",
        f"- It is surely better than every system of the question on {len(default['surely_better_than_the_question'])} "
        f"of {sets} sets.",
        *(
            []
            if mean is None
            else [f"- In the mean of the sets it stands {mean:+.3f} from each set's own best baseline."]
        ),
    ]


def _auc(document: Document, name: str) -> Document | None:
    return next((system["test"]["auc"] for system in document["systems"] if system["name"] == name), None)


def _ties_with_best(document: Document) -> list[str]:
    best = document["best"]
    return [best, *next(system["ties"] for system in document["systems"] if system["name"] == best)]


def _mean(found: dict[str, Document | None]) -> float | None:
    values = [each["mean"] for each in found.values() if each]
    return sum(values) / len(values) if len(values) == len(found) else None


def _cell(auc: Document | None, bold: bool) -> str:
    if auc is None:
        return "–"
    spread = "" if auc["spread"] is None else f" ±{auc['spread']:.3f}"
    return f"**{auc['mean']:.3f}**{spread}" if bold else f"{auc['mean']:.3f}{spread}"

"""Audit of pairs: what their duplicates, shared items and odd vectors do to the figures of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from twinflow.pairs import Floats, Integers, Pairs, number_items, number_pairs

Mask = npt.NDArray[np.bool_]
Finding = dict[str, Any]

FIRST_ROW = 2  # the header is row 1
EXAMPLES = 5


def audit(train: Pairs, test: Pairs) -> dict[str, Any]:
    """Count what deserves attention in two files of labelled pairs, with examples.

    Returns:
        `train` and `test`, of one file each:
        `exact_duplicates` and `mirrored_duplicates` (rows that repeat a row above, (b, a) mirroring (a, b)),
        `contradictory` (rows that repeat a row above with the other label),
        `identical_but_different` (two equal vectors labelled 0), `zero_vectors` and `constant_vectors` (rows with a
        side of zeros, or of one number throughout), `constant_columns`.
        `between` the files: `exact_duplicates`, `mirrored_duplicates` and `contradictory` (rows of test that repeat a
        row of train), `shared_items` (distinct vectors in both files), `one_side_seen` and `both_sides_seen` (rows of
        test with one or both vectors in train, with their `share`).
        Each has its `count` and the first `rows`, as lines of the files: [row] or [row above, row], between the files
        [train row, test row]; constant columns have `columns`, places counted from 0, and shared items rows where they
        stand first.
        `warnings`: a sentence for each thing that deserves attention.
    """
    items = number_items(train.left, train.right, test.left, test.right)
    report: dict[str, Any] = {
        "train": _of_file(train, items[0], items[1]),
        "test": _of_file(test, items[2], items[3]),
        "between": _between(train, test, items),
    }
    return {"warnings": _warnings(report, len(train), len(test)), **report}


def _of_file(pairs: Pairs, left: Integers, right: Integers) -> dict[str, Finding]:
    groups = number_pairs(left, right)
    first = np.unique(groups, return_index=True)[1][groups]  # the row where each row's pair stands first
    repeated = first != np.arange(len(pairs))
    mirrored = repeated & (left != left[first])
    label = np.zeros(len(pairs), np.int8) if pairs.label is None else pairs.label
    same_item = left == right
    return {
        "exact_duplicates": _found(repeated & ~mirrored, first),
        "mirrored_duplicates": _found(mirrored, first),
        "contradictory": _found(repeated & (label != label[first]), first),
        "identical_but_different": _found(same_item & (label == 0) & (pairs.label is not None)),
        "zero_vectors": _found(_is_zero(pairs.left) | _is_zero(pairs.right)),
        "constant_vectors": _found(_is_constant(pairs.left) | _is_constant(pairs.right)),
        "constant_columns": _constant_columns(pairs),
    }


def _between(train: Pairs, test: Pairs, items: list[Integers]) -> dict[str, Finding]:
    train_left, train_right, left, right = items
    groups = number_pairs(np.concatenate([train_left, left]), np.concatenate([train_right, right]))
    at = _first_places(groups[: len(train)], groups[len(train) :])
    seen = at >= 0
    mirrored = seen & (left != train_left[at])
    contradictory = np.zeros(len(test), bool)
    if train.label is not None and test.label is not None:
        contradictory = seen & (test.label != train.label[at])
    known, tested = (np.stack(sides, axis=1).ravel() for sides in ((train_left, train_right), (left, right)))
    seen_left, seen_right = np.isin(left, known), np.isin(right, known)
    return {
        "exact_duplicates": _found(seen & ~mirrored, at),
        "mirrored_duplicates": _found(mirrored, at),
        "contradictory": _found(contradictory, at),
        "shared_items": _shared(known, tested),
        "one_side_seen": _share(seen_left ^ seen_right),
        "both_sides_seen": _share(seen_left & seen_right),
    }


def _first_places(values: Integers, wanted: Integers) -> Integers:
    """Where each of `wanted` stands first in `values`; -1 where it does not."""
    distinct, first = np.unique(values, return_index=True)
    near = np.searchsorted(distinct, wanted).clip(max=len(distinct) - 1)
    return np.where(distinct[near] == wanted, first[near], -1)


def _shared(known: Integers, tested: Integers) -> Finding:
    """Distinct items in both files, whose items are given row by row, two a row."""
    shared, at_train, at_test = np.intersect1d(known, tested, return_indices=True)
    order = np.argsort(at_test)[:EXAMPLES]
    rows = np.stack([at_train[order] // 2, at_test[order] // 2], axis=1) + FIRST_ROW
    return {"count": len(shared), "rows": rows.tolist()}


def _found(rows: Mask, above: Integers | None = None) -> Finding:
    """Count and first rows, each behind the row `above` that it repeats."""
    places = np.flatnonzero(rows)
    shown = places[:EXAMPLES, None]
    if above is not None:
        shown = np.concatenate([above[shown], shown], axis=1)
    return {"count": len(places), "rows": (shown + FIRST_ROW).tolist()}


def _share(rows: Mask) -> Finding:
    return {**_found(rows), "share": float(rows.mean())}


def _is_zero(vectors: Floats) -> Mask:
    return np.asarray(~vectors.any(axis=1))


def _is_constant(vectors: Floats) -> Mask:
    """One number throughout, not zero; a vector of a single number is none."""
    same = (vectors == vectors[:, :1]).all(axis=1) & (vectors[:, 0] != 0)
    return np.asarray(same & (vectors.shape[1] > 1))


def _constant_columns(pairs: Pairs) -> Finding:
    still = np.concatenate([(side == side[:1]).all(axis=0) for side in (pairs.left, pairs.right)])
    places = np.flatnonzero(still & (len(pairs) > 1))
    return {"count": len(places), "columns": places[:EXAMPLES].tolist()}


def _warnings(report: dict[str, Any], train_rows: int, test_rows: int) -> list[str]:
    """The findings that aren't zero, as sentences."""
    of_files = [
        f"{file}: {sentence}."
        for file, rows in (("train", train_rows), ("test", test_rows))
        for count, sentence in _of_file_sentences(report[file], rows)
        if count
    ]
    return of_files + [sentence for count, sentence in _between_sentences(report["between"], test_rows) if count]


def _of_file_sentences(findings: dict[str, Finding], rows: int) -> list[tuple[int, str]]:
    count = {name: finding["count"] for name, finding in findings.items()}
    mirrored = count["mirrored_duplicates"]
    copies = count["exact_duplicates"] + mirrored
    contradictory, identical = count["contradictory"], count["identical_but_different"]
    zero, constant, columns = count["zero_vectors"], count["constant_vectors"], count["constant_columns"]
    return [
        (copies, f"{copies:,} of {rows:,} rows repeat an earlier pair ({mirrored:,} of them mirrored)"),
        (contradictory, f"{contradictory:,} of {rows:,} rows repeat an earlier pair with the other label"),
        (identical, f"{identical:,} of {rows:,} rows hold two equal vectors labelled different"),
        (zero, f"{zero:,} of {rows:,} rows have a vector of zeros, whose cosine is undefined"),
        (constant, f"{constant:,} of {rows:,} rows have a vector of one number throughout"),
        (columns, f"{columns:,} columns never change"),
    ]


def _between_sentences(findings: dict[str, Finding], rows: int) -> list[tuple[int, str]]:
    mirrored = findings["mirrored_duplicates"]["count"]
    copies = findings["exact_duplicates"]["count"] + mirrored
    contradictory = findings["contradictory"]["count"]
    one, both = findings["one_side_seen"], findings["both_sides_seen"]
    return [
        (
            copies,
            f"{copies:,} of {rows:,} test pairs stand in the training file too ({mirrored:,} of them mirrored): "
            "what was learnt by heart makes the test figures too good.",
        ),
        (contradictory, f"{contradictory:,} of {rows:,} test pairs stand in the training file with the other label."),
        (
            one["count"] + both["count"],
            f"{both['share']:.1%} of the test pairs have both items in the training file and {one['share']:.1%} have "
            "one of them: expect lower figures on items that are new.",
        ),
    ]

"""Audit of pairs: what their duplicates, shared items and odd vectors do to the figures of a run."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from twinflow.data.audit.extremes import absurd_cells
from twinflow.data.audit.sentences import between_sentences, file_sentences
from twinflow.data.audit.sides import compare_sides, norms
from twinflow.data.audit.sketch import Sketch
from twinflow.data.columns import FIRST_ROW
from twinflow.data.contradictions import contradicted
from twinflow.data.hashing import number_pairs
from twinflow.data.items import items_of_traces
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sampled_rows
from twinflow.statistics.arrays import Flags, Ints
from twinflow.statistics.items import Items
from twinflow.system.json_files import Document

EXAMPLES = 5


def audit(train: Pairs, test: Pairs) -> Document:
    """Count what deserves attention in two files of labelled pairs, with examples.

    Returns:
        `train` and `test`, of one file each: its `pairs`, and of these the `same` ones and the `different` ones, None
        where they are unlabelled;
        `exact_duplicates` and `mirrored_duplicates` (rows that repeat a row above, (b, a) mirroring (a, b)),
        `contradictory` (rows that repeat a row above with the other label),
        `identical_but_different` (two equal vectors labelled 0),
        `joined_but_different` (rows labelled 0 whose items pairs labelled 1 join: `twinflow.data.contradictions`),
        `zero_vectors` and `constant_vectors` (rows with a side of zeros, or of one number throughout), `absurd_cells`
        (cells far from all others of their column, with their `cells`: row, column and value), `constant_columns`,
        `sides_differ` (places where left and right are drawn from different distributions) and `norms` (least, median
        and largest length of either side's vectors).
        Vectors are equal that are copies of each other up to rounding (`twinflow.data.copies`).
        `between` the files: `exact_duplicates`, `mirrored_duplicates` and `contradictory` (rows of test that repeat a
        row of train), `shared_items` (distinct vectors in both files), `one_side_seen` and `both_sides_seen` (rows of
        test with one or both vectors in train, with their `share`).
        Each has its `count` and the first `rows`, as lines of the files: [row] or [row above, row], between the files
        [train row, test row]; constant columns have `columns`, the numbers in their names, and shared items rows where
        they stand first.
        `warnings`: a sentence for each thing that deserves attention.
    """
    report = audit_files({"train": train, "test": test})
    (between,) = report["between"]
    findings = {key: found for key, found in between.items() if key not in ("first", "second")}
    warnings = [warning for name in report["files"] for warning in file_sentences(name, report["files"][name])]
    warnings += between_sentences(findings, len(test), "test pairs", "the training file")
    return {"warnings": warnings, **report["files"], "between": findings}


def audit_files(files: Mapping[str, Pairs]) -> Document:
    """Count what deserves attention in any number of files of pairs, by name, as `audit` does.

    Returns:
        the findings of `audit`:
        `files`: those in each, and its `pairs`; `between`: those between each two of them, rows of the `second`
        being looked for in the `first`; `warnings`.
    """
    return audit_sketches({name: Sketch.of(pairs) for name, pairs in files.items()})


def audit_sketches(files: Mapping[str, Sketch]) -> Document:
    """Count what deserves attention in files that are known by their sketches, as `audit_files` does."""
    numbered = items_of_traces(*((sketch.traces[0], sketch.traces[1]) for sketch in files.values()))
    items = dict(zip(files, numbered, strict=True))
    found = {name: _of_file(sketch, items[name]) for name, sketch in files.items()}
    between: list[Document] = [
        {"first": one, "second": other, **_between(files[one], files[other], items[one], items[other])}
        for one, other in combinations(files, 2)
    ]
    warnings = [sentence for name in files for sentence in file_sentences(name, found[name])]
    for findings in between:
        name = findings["second"]
        warnings += between_sentences(findings, len(files[name]), f"pairs of {name}", findings["first"])
    return {"warnings": warnings, "files": found, "between": between}


def _of_file(sketch: Sketch, items: Items) -> Document:
    left, right = items.left, items.right
    groups = number_pairs(left, right)
    first = np.unique(groups, return_index=True)[1][groups]  # the row where each row's pair stands first
    repeated = first != np.arange(len(sketch))
    mirrored = repeated & (left != left[first])
    label = np.zeros(len(sketch), np.int8) if sketch.label is None else sketch.label
    same_item = left == right
    same = None if sketch.label is None else int(sketch.label.sum())
    return {
        "pairs": len(sketch),
        "same": same,
        "different": None if same is None else len(sketch) - same,
        "exact_duplicates": _found(repeated & ~mirrored, first),
        "mirrored_duplicates": _found(mirrored, first),
        "contradictory": _found(repeated & (label != label[first]), first),
        "identical_but_different": _found(same_item & (label == 0) & (sketch.label is not None)),
        "joined_but_different": _found(_joined(np.where(sketch.zero, -1, label), items, groups)),
        "zero_vectors": _found(sketch.zero),
        "constant_vectors": _found(sketch.constant),
        "absurd_cells": _absurd(sketch),
        "constant_columns": _constant_columns(sketch),
        "sides_differ": compare_sides(sketch.sample[0], sketch.sample[1], items.take(sampled_rows(len(sketch)))),
        "norms": norms(sketch.lengths[0], sketch.lengths[1]),
    }


def _joined(label: Ints, items: Items, groups: Ints) -> Flags:
    """The rows that call items different which other pairs, called same, join; rows labelled -1 count for nothing."""
    rows = contradicted(label, items)
    found = np.zeros(len(label), bool)
    found[rows[~np.isin(groups[rows], groups[label == 1])]] = True
    return found


def _between(train: Sketch, test: Sketch, known_items: Items, items: Items) -> dict[str, Document]:
    train_left, train_right, left, right = known_items.left, known_items.right, items.left, items.right
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


def _first_places(values: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` stands first in `values`; -1 where it does not."""
    distinct, first = np.unique(values, return_index=True)
    near = np.searchsorted(distinct, wanted).clip(max=len(distinct) - 1)
    return np.where(distinct[near] == wanted, first[near], -1)


def _shared(known: Ints, tested: Ints) -> Document:
    """Distinct items in both files, whose items are given row by row, two a row."""
    shared, at_train, at_test = np.intersect1d(known, tested, return_indices=True)
    order = np.argsort(at_test)[:EXAMPLES]
    rows = np.stack([at_train[order] // 2, at_test[order] // 2], axis=1) + FIRST_ROW
    return {"count": len(shared), "rows": rows.tolist()}


def _found(rows: Flags, above: Ints | None = None) -> Document:
    """Count and first rows, each behind the row `above` that it repeats."""
    places = np.flatnonzero(rows)
    shown = places[:EXAMPLES, None]
    if above is not None:
        shown = np.concatenate([above[shown], shown], axis=1)
    return {"count": len(places), "rows": (shown + FIRST_ROW).tolist()}


def _share(rows: Flags) -> Document:
    return {**_found(rows), "share": float(rows.mean())}


def _absurd(sketch: Sketch) -> Document:
    rows, columns, values = absurd_cells(sketch.extremes, sketch.sample)
    named = zip((rows + FIRST_ROW).tolist(), columns.tolist(), values.tolist(), strict=True)
    cells = [{"row": row, "column": column, "value": value} for row, column, value in named]
    return {"count": len(rows), "rows": [[cell["row"]] for cell in cells[:EXAMPLES]], "cells": cells[:EXAMPLES]}


def _constant_columns(sketch: Sketch) -> Document:
    places = np.flatnonzero(sketch.still.ravel() & (len(sketch) > 1))
    return {"count": len(places), "columns": places[:EXAMPLES].tolist()}

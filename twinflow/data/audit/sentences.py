"""What an audit found, in words: the findings' names, and sentences."""

from twinflow.statistics.numbers import count as count_of
from twinflow.system.json_files import Document

NAMES = {
    "exact_duplicates": "repeated pairs",
    "mirrored_duplicates": "repeated pairs, mirrored",
    "contradictory": "repeated with the other label",
    "identical_but_different": "equal vectors labelled different",
    "joined_but_different": "called different, joined by same pairs",
    "zero_vectors": "vectors of zeros",
    "constant_vectors": "vectors of one number",
    "absurd_cells": "cells out of all proportion to their column",
    "constant_columns": "columns that never change",
    "sides_differ": "places where left and right differ",
    "shared_items": "items in both files",
    "one_side_seen": "pairs with one item in the other file",
    "both_sides_seen": "pairs with both items in the other file",
}

SEEN_SHARE = 0.05  # pairs with a known item that move the figures of all pairs by less than intervals are wide


def file_sentences(name: str, findings: Document) -> list[str]:
    """The findings in one file that aren't nothing, behind its name."""
    rows = findings["pairs"]
    count = {key: found["count"] for key, found in findings.items() if isinstance(found, dict) and "count" in found}
    mirrored = count["mirrored_duplicates"]
    copies = count["exact_duplicates"] + mirrored
    contradictory, identical = count["contradictory"], count["identical_but_different"]
    joined = count["joined_but_different"]
    zero, constant, columns = count["zero_vectors"], count["constant_vectors"], count["constant_columns"]
    absurd, named = count["absurd_cells"], findings["absurd_cells"]["cells"]
    cells = [f"{cell['value']:.4g} in row {cell['row']}, column number {cell['column']}" for cell in named]
    differ = findings["sides_differ"]
    left, right = (findings["norms"][side]["median"] for side in ("left", "right"))
    sentences = [
        (copies, f"{copies:,} of {rows:,} rows repeat an earlier pair ({mirrored:,} of them mirrored)"),
        (contradictory, f"{contradictory:,} of {rows:,} rows repeat an earlier pair with the other label"),
        (identical, f"{identical:,} of {rows:,} rows hold two equal vectors labelled different"),
        (joined, f"{joined:,} of {rows:,} rows call two items different that same pairs of other rows join"),
        (
            zero,
            f"{zero:,} of {rows:,} rows have a vector of zeros, which has no direction: they are left out "
            f"({_rows(findings['zero_vectors'])})",
        ),
        (absurd, f"cells out of all proportion to their column: {_listed(cells, absurd, '; ')}"),
        (constant, f"{constant:,} of {rows:,} rows have a vector of one number throughout"),
        (columns, f"{count_of(columns, 'column')} never change{'s' * (columns == 1)}"),
        (
            differ["count"],
            f"left and right are drawn from different distributions in {differ['count']:,} of {differ['places']:,} "
            f"places, by up to {differ['effect'] or 0:.2f} standard deviations: expected one encoder for both sides",
        ),
        (
            differ["norms_differ"],
            f"left and right vectors differ in length, with medians of {left:.4g} and {right:.4g}",
        ),
    ]
    return [f"{name}: {sentence}." for found, sentence in sentences if found]


def _rows(finding: Document) -> str:
    """The first rows of a finding, as in `row 3` or `rows 3, 5, 9 …`."""
    count = finding["count"]
    return f"row{'s' * (count > 1)} {_listed([str(row) for (row,) in finding['rows']], count, ', ')}"


def _listed(shown: list[str], count: int, comma: str) -> str:
    return comma.join(shown) + " …" * (count > len(shown))


def between_sentences(findings: Document, rows: int, pairs: str, file: str) -> list[str]:
    """The findings between two files that aren't nothing: `rows` `pairs` of one, looked for in the other `file`."""
    mirrored = findings["mirrored_duplicates"]["count"]
    copies = findings["exact_duplicates"]["count"] + mirrored
    contradictory = findings["contradictory"]["count"]
    one, both = (findings[sides]["share"] for sides in ("one_side_seen", "both_sides_seen"))
    sentences = [
        (
            copies,
            f"{copies:,} of {rows:,} {pairs} stand in {file} too ({mirrored:,} of them mirrored): "
            "what was learnt by heart is no test.",
        ),
        (contradictory, f"{contradictory:,} of {rows:,} {pairs} stand in {file} with the other label."),
        (
            one + both >= SEEN_SHARE,
            f"{both:.1%} of the {pairs} have both items in {file} and {one:.1%} have one of them: "
            "figures on items that are new may be lower.",
        ),
    ]
    return [sentence for found, sentence in sentences if found]

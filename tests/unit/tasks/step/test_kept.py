"""Kept results of steps: given again as long as what the step made is there, unaltered."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.runs.folder import new_run

DONE: list[str] = []


class Made(StepResult):
    """What was written."""

    text: str


@Step
def make(run: str, text: str) -> Made:
    """Write a file of the run."""
    DONE.append("make")
    (Path(run) / "made.txt").write_text(text)
    return Made(text=text)


@Step
def add(run: str, made: Made) -> Made:
    """Change the file that the step before made."""
    DONE.append("add")
    with (Path(run) / "made.txt").open("a") as file:
        file.write(" and more")
    return made


@Step
def copy(run: str) -> StepResult:
    """Write another file of what the steps before made."""
    DONE.append("copy")
    (Path(run) / "copy.txt").write_text((Path(run) / "made.txt").read_text())
    return StepResult()


@partial(Step, run_name="part {job}")
def part(job: int, run: str) -> StepResult:
    """Write a file of its own."""
    DONE.append(f"part {job}")
    (Path(run) / f"{job}.txt").write_text("")
    return StepResult()


@pytest.fixture
def run(tmp_path: Path) -> str:
    DONE.clear()
    return str(new_run(tmp_path))


def test_P03_a_step_whose_file_is_gone_or_altered_is_done_again(run: str) -> None:
    file = Path(run) / "made.txt"
    assert [make(run, "a").text for _ in range(2)] == ["a", "a"]
    assert DONE == ["make"]
    file.unlink()
    make(run, "a")
    assert (DONE, file.read_text()) == (["make"] * 2, "a")
    file.write_text("b")
    os.utime(file, ns=(0, 0))
    make(run, "a")
    assert (DONE, file.read_text()) == (["make"] * 3, "a")


def test_P03_a_file_that_a_later_step_changed_is_as_it_should_be(run: str) -> None:
    for _ in range(2):
        add(run, make(run, "a"))
    assert DONE == ["make", "add"]
    (Path(run) / "made.txt").unlink()
    add(run, make(run, "a"))
    assert DONE == ["make", "add"] * 2
    assert (Path(run) / "made.txt").read_text() == "a and more"


def test_P03_other_arguments_are_another_result(run: str) -> None:
    assert [make(run, text).text for text in ("a", "b", "a")] == ["a", "b", "a"]
    assert DONE == ["make", "make", "make"]
    assert (Path(run) / "made.txt").read_text() == "a"


def test_P03_what_came_behind_a_step_is_done_again_where_the_step_is_done_for_other_arguments(run: str) -> None:
    for text in ("a", "b"):
        make(run, text)
        copy(run)
    assert DONE == ["make", "copy"] * 2
    assert (Path(run) / "copy.txt").read_text() == "b"


def test_P03_a_job_that_is_done_again_leaves_the_others_as_they_are(run: str) -> None:
    part.map([1, 2, 3], run)
    copied = make(run, "a"), copy(run)
    (Path(run) / "2.txt").unlink()
    part.map([1, 2, 3], run)
    assert (make(run, "a"), copy(run)) != copied
    assert DONE == ["part 1", "part 2", "part 3", "make", "copy", "part 2", "make", "copy"]


def test_arguments_may_be_named(run: str) -> None:
    assert make(text="a", run=run) == make(run, "a") == make(run, text="a")
    assert len(part.map([1, 2], run=run)) == 2
    assert DONE == ["make", "part 1", "part 2"]

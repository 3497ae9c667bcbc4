"""What the pages say, held against the code: commands, settings, paths, links, and lengths that people read."""

import ast
import re
import runpy
import subprocess
from pathlib import Path

import pytest
import typer.main

from flows.commands.main import app
from tests.helpers.manual import BESIDE, MANUAL, PAGES, README, ROOT, blocks, commands, links, name_of, spans, text_of
from tests.helpers.manual import twinflow as given_to_twinflow
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings
from twinflow.statistics.objectives import OBJECTIVES

COMMANDS = typer.main.get_command(app)
OPTIONS = {
    name: {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    for name, command in COMMANDS.commands.items()
}
OF_PROGRAM = {option for each in COMMANDS.params for option in each.opts} | {"-h", "--help"}
OF_OTHERS = {"--type"}  # of `prefect work-pool create`
PLACES = ("twinflow/", "tasks/", "flows/", "schemas/", "deployments/", "tests/", "docs/", "benchmarks/")

every_page = pytest.mark.parametrize("page", [*MANUAL, *BESIDE], ids=name_of)


def words(page: Path) -> int:
    return len(re.findall(r"\S*\w\S*", text_of(page)))


def test_readme_is_short() -> None:
    assert words(README) <= 700


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_is_short(page: Path) -> None:
    assert words(page) <= 1200


def test_what_is_written_from_the_code_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs/generate.py"))
    assert text_of(ROOT / "docs/settings.md") == made["settings_page"](), "run `make docs`"
    assert text_of(ROOT / "docs/rooms.svg") == made["rooms_drawing"](), "run `make docs`"
    assert text_of(ROOT / "docs/texts.ipynb") == made["notebook"](), "run `make docs`"


@pytest.mark.parametrize(("page", "names"), [("docs/systems.md", HEADS), ("docs/threshold.md", OBJECTIVES)])
def test_each_system_and_each_objective_has_its_line(page: str, names: dict[str, object]) -> None:
    table = re.search(r"(^\|.*\n)+", text_of(ROOT / page), re.MULTILINE)
    assert table
    assert set(re.findall(r"`([^`]+)`", re.sub(r"^(\|[^|]*).*", r"\1", table[0], flags=re.MULTILINE))) == set(names)


def test_glossary_is_sorted() -> None:
    words = re.findall(r"^\*\*(.+?)\*\*:", text_of(ROOT / "docs/glossary.md"), re.MULTILINE)
    assert len(words) > 50
    assert words == sorted({*words}, key=str.lower)


@every_page
def test_commands_are_understood(page: Path) -> None:
    for code in blocks(page, "sh", "bash"):
        assert subprocess.run(["bash", "-n"], input=code, text=True, check=False).returncode == 0, code
        for given in filter(None, map(given_to_twinflow, commands(code))):
            assert given[0] in OPTIONS, given
            COMMANDS.commands[given[0]].make_context(given[0], given[1:])


@every_page
def test_commands_in_the_text_are_known(page: Path) -> None:
    for span in spans(page):
        program, *given = span.split()
        if given and program in ("twinflow", ".venv/bin/twinflow"):
            assert given[0] in OF_PROGRAM.union(OPTIONS), span
            assert options(given) <= OPTIONS.get(given[0], OF_PROGRAM), span


@every_page
def test_options_in_the_text_are_known(page: Path) -> None:
    for span in spans(page):
        if span.startswith("--"):
            assert options(span.split()) <= OF_OTHERS.union(OF_PROGRAM, *OPTIONS.values()), span


def options(given: list[str]) -> set[str]:
    return {word.split("=")[0] for word in given if word.startswith("--")}


@every_page
def test_settings_that_are_changed_are_known(page: Path) -> None:
    changed = re.findall(r"--set[ =]+['\"]?(\w+)", text_of(page))
    assert {*changed} <= {*Settings.model_fields, "KEY"}


@every_page
def test_targets_of_make_are_there(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    code = "\n".join([*blocks(page, "sh", "bash"), *spans(page)])
    assert set(re.findall(r"^make (\w+)", code, re.MULTILINE)) <= targets


@every_page
def test_paths_and_tests_in_the_text_are_there(page: Path) -> None:
    for span in spans(page):
        path, _, test = span.partition("::")
        if not path.startswith(PLACES) or re.search(r"[ <…]", path):
            continue
        found = list(ROOT.glob(path.rstrip("/")))
        assert found, span
        if test:
            (file,) = found
            defined = {each.name for each in ast.parse(text_of(file)).body if isinstance(each, ast.FunctionDef)}
            assert test in defined, span


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"https?://[\w.-]+\.\w+(:\d+)?(/|$)", link):
            continue  # whether it answers is for `make links`, which needs the network
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts and the site make them."""
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_readme_begins_with_the_two_commands() -> None:
    first, *_ = blocks(README, "sh")
    assert first.split() == ["make", "demo", "make", "test"]

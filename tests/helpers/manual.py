"""The pages of the manual, and the code in them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
MANUAL = [README, *PAGES]
BESIDE = [ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "deployments/README.md", "benchmarks/README.md")]
SPHINX = ("sphinx-build", "--quiet", "--nitpicky", "--fail-on-warning", "--keep-going")

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    """The page's path from the root, to be read in a test's name."""
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    """The page's fenced blocks in these languages, in order."""
    return [code for language, code in BLOCK.findall(text_of(page)) if language in languages]


def spans(page: Path) -> list[str]:
    """The page's inline code, each on one line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text_of(page)))]


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", text_of(page)))


def commands(code: str) -> Iterator[list[str]]:
    """The commands of shell code as words, each from its program's name on; variables stay as they are."""
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        command: list[str] = []
        for word in words:
            if set(word) <= set("();<>|&"):
                yield from [command] if command else []
                command = []
            elif command or not re.match(r"[A-Za-z_]\w*=", word):
                command.append(word)
        yield from [command] if command else []


def twinflow(words: list[str]) -> list[str] | None:
    """What a command gives to `twinflow`; None where it calls something else."""
    return words[1:] if words and Path(words[0]).name == "twinflow" else None


def build_site(folder: Path) -> Path:
    """The site of the pages in `docs/`, written to a folder."""
    command = [sys.executable, "-m", "sphinx", *SPHINX[1:], "docs", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return folder

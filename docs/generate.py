"""What is written from something else: `settings.md` and `rooms.svg` from the code, `texts.ipynb` from `texts.md`."""

import importlib
import inspect
import json
import re
import textwrap
from html import escape
from pathlib import Path
from typing import Any

import grimp
from importlinter.api import read_configuration

from twinflow.models.heads.registry import HEADS
from twinflow.models.network_settings import NetworkSettings
from twinflow.settings import Settings

DOCS = Path(__file__).parent

INTRODUCTION = """# Settings

Every setting, with its default. Give one as `--set KEY=VALUE`, or several in a YAML file as `--config FILE`:
`twinflow settings` prints them all as such a file. A key or value that can't work is refused, with exit code 2."""
OWN_VALUES = """
## The heads' own values

What holds where a setting of the network or the fit is left open; those that are missing mean nothing to the head.
"""
NETWORK = tuple(NetworkSettings.__dataclass_fields__)
KINDS = {"integer": "whole number", "number": "number", "string": "text", "array": "a list, as `[a, b]`"}
BOUNDS = {
    "minimum": "≥ {:,.16g}",
    "exclusiveMinimum": "> {:,.16g}",
    "maximum": "≤ {:,.16g}",
    "exclusiveMaximum": "< {:,.16g}",
}

LETTERS, LINE, SPACE, WORDS, STEP = 30, 15, 14, 210, 8  # of the drawing: letters a line, and the rest in pixels
# The colours are those of the reports, and the paper is its own: it is read on any page.
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{shown}" role="img">
<title>The packages and rooms, and which of them import which</title>
<style>
text {{ fill: #20262b; font: 12px system-ui, sans-serif }} .name {{ font-weight: 700 }} path {{ fill: none }}
.paper {{ fill: #fcfcfa }} .room {{ fill: #20262b }} .import {{ fill: #b3541e }}
path {{ stroke: #a3abb1 }} .to-name {{ stroke: #dfe2e4 }}
@media (prefers-color-scheme: dark) {{ text, .room {{ fill: #e4e7e9 }} .paper {{ fill: #15181b }}
.import {{ fill: #f0a070 }} path {{ stroke: #6c757d }} .to-name {{ stroke: #2c3237 }} }}</style>
<rect class="paper" width="{width}" height="{height}" rx="6"/>
{drawn}
</svg>
"""


def settings_page() -> str:
    """The page of the settings: a list a group, and the values that each head has of its own."""
    lines = [INTRODUCTION]
    schema = Settings.model_json_schema()["properties"]
    for group, key in re.findall(r"^    # (\w.+)$|^    (\w+): ", inspect.getsource(Settings), re.MULTILINE):
        if group:
            lines.append(f"\n## {group}\n")
        elif key in schema:
            lines.append(_setting(key, schema[key]))
    lines.append(OWN_VALUES)
    for name, head in HEADS.items():
        own = Settings(head=name).in_force.model_dump()
        values = [f"`{key}` {_text(own[key])}" for key in NETWORK if key not in head.unused]
        lines.append(f"- **`{name}`**: {'; '.join(values)}.")
    return "\n".join(lines) + "\n"


def rooms_drawing() -> str:
    """The packages and the library's rooms, the uppermost first, each with its sentence and its imports, as SVG."""
    names, imports = _imports()
    columns = [WORDS + STEP * place for place in range(len(names))]
    lines, marks, words, top = [], [], [], SPACE
    highest: dict[int, int] = {}  # of those that import a room
    for place, (name, x) in enumerate(zip(names, columns, strict=True)):
        y = top + LINE - 4
        lines.append(f'<path class="to-name" d="M{WORDS - STEP},{y}H{x}"/>')
        lines.append(f'<path d="M{x},{highest.get(place, y)}V{y}H{columns[max(imports[place], default=place)]}"/>')
        marks += [f'<circle class="import" cx="{columns[other]}" cy="{y}" r="2.5"/>' for other in imports[place]]
        marks.append(f'<rect class="room" x="{x - 3}" y="{y - 3}" width="6" height="6"/>')
        highest = {**dict.fromkeys(imports[place], y), **highest}
        words.append(f'<text class="name" x="{SPACE}" y="{top + LINE}">{name.replace(".", "/")}</text>')
        sentence = str(importlib.import_module(name).__doc__).splitlines()[0].replace("`", "")
        for said in textwrap.wrap(sentence, LETTERS):
            top += LINE
            words.append(f'<text x="{SPACE}" y="{top + LINE}">{escape(said)}</text>')
        top += LINE + SPACE
    width, drawn = columns[-1] + SPACE, "\n".join([*lines, *marks, *words])
    return DRAWING.format(width=width, height=top, shown=width * 5 // 4, drawn=drawn)


def notebook() -> str:
    """The page `texts.md` as a notebook: a cell for each block of code, and one for the text before it."""
    parts = re.split(r"^```python\n(.*?)^```$", (DOCS / "texts.md").read_text(encoding="utf-8"), flags=re.M | re.S)
    code = {"cell_type": "code", "execution_count": None, "outputs": []}
    cells = [
        {**(code if place % 2 else {"cell_type": "markdown"}), "id": f"cell-{place}", "metadata": {}, "source": lines}
        for place, part in enumerate(parts)
        if (lines := part.strip().splitlines(keepends=True))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _imports() -> tuple[list[str], list[list[int]]]:
    """The packages and rooms in the order of the contracts on imports; for each, the places of those it imports."""
    read = read_configuration(str(DOCS.parent / "pyproject.toml"))
    layers = [each["layers"] for each in read["contracts_options"] if each["type"] == "layers"]
    above, rooms = (" | ".join(each).split(" | ") for each in layers)
    names = list(dict.fromkeys([*above, *(f"twinflow.{room}" for room in rooms)]))  # a room among those above is first
    graph = grimp.build_graph(*read["session_options"]["root_packages"])
    for name in names:
        graph.squash_module(name)
    imports = [graph.find_modules_directly_imported_by(name) for name in names]
    return names, [[place for place, name in enumerate(names) if name in some] for some in imports]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value).removesuffix(".0")


def _setting(key: str, schema: dict[str, Any]) -> str:
    default = Settings.model_fields[key].default
    shown = f"`{_text(default)}`" if default not in (None, ()) else "the head's" if key in NETWORK else "none"
    kind = schema.get("anyOf", [schema])[0]
    choices = list(HEADS) if key == "head" else kind.get("enum", [kind["const"]] if "const" in kind else [])
    bounds = ", ".join(text.format(kind[bound]) for bound, text in BOUNDS.items() if bound in kind)
    values = ", ".join(f"`{choice}`" for choice in choices) or f"{KINDS[kind['type']]} {bounds}".strip()
    purpose = schema["description"].removesuffix(", ".join(choices)).rstrip(": ")
    return f"- **`{key}`**: {purpose}. Default: {shown}. Values: {values}."


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "rooms.svg").write_text(rooms_drawing(), encoding="utf-8")
    (DOCS / "texts.ipynb").write_text(notebook(), encoding="utf-8")

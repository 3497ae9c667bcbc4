"""Pages from templates: figures and plots as filters, one style for all."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from twinflow.report.shared.palette import DARK, LIGHT
from twinflow.report.shared.wording import readable_time
from twinflow.statistics import numbers

NUMBERS = ("number", "percent", "significant", "interval", "percents", "signed", "count", "p_value")


def source(name: str) -> str:
    """A template, style sheet or script of the pages."""
    return (files("twinflow.report") / "templates" / name).read_text(encoding="utf-8")


def render(template: str, **values: Any) -> str:
    """The page that a template makes of values and the style sheet; what isn't defined is an error."""
    return _environment().get_template(template).render(style=_style(), at_hand=Markup(source("at_hand.js")), **values)


def _environment() -> jinja2.Environment:
    """The templates, with numbers and plots as filters."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters.update(
        {name: getattr(numbers, name) for name in NUMBERS},
        svg=lambda plot: Markup(plot.svg()),
        basename=lambda path: Path(path).name,
        readable_time=readable_time,
    )
    return made


def _style() -> Markup:
    """The style sheet under the palette as CSS variables: light, dark where that is preferred, light on paper."""
    light, dark = (";".join(f"--{role}:{colour}" for role, colour in palette.items()) for palette in (LIGHT, DARK))
    return Markup(
        f":root{{color-scheme:light dark;{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        + source("style.css")
    )

"""How a flow ends that came to something: as completed, by a name that says in a list of runs what it came to.

The names are few, for automations to know; the message, on the run's page, has the figure or the reason. What programs
get is the JSON document, as ever.
"""

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from twinflow.statistics.numbers import count
from twinflow.system.json_files import Document
from twinflow.system.untrusted import harmless

BAD_DELIVERY = "Bad delivery"


def run_ended(document: Document) -> State[Any]:
    """`Published`, `Rejected` or `Nothing new`: the state of a run, with its figures, or why it was turned away."""
    told = " ".join(document["reasons"]) or _figures(document["test"])
    same = f"as {Path(document['run']).name}: " if document["state"] == "nothing new" else ""
    return _ended(document["state"].capitalize(), same + told, document)


def check_ended(document: Document) -> State[Any]:
    """`Drift`, `No drift`, `Not enough data` or `Bad delivery`: the verdict of a check, with its reason."""
    return _ended(document["verdict"].capitalize(), document["reason"], document)


def comparison_ended(document: Document) -> State[Any]:
    """`Compared`, with the system to use."""
    told = f"use {document['recommended']}, of {count(len(document['systems']), 'system')}"
    return _ended("Compared", told, document)


def batch_ended(document: Document) -> State[Any]:
    """`Bad delivery` where too many pairs have no score, `Drift`, or `Scored`."""
    names = {"partly scored": BAD_DELIVERY, "drift": "Drift"}
    name = names.get(document["state"]) or names.get(document["verdict"]) or "Scored"
    scored, unscored = document["pairs"] - document["unscored"], document["unscored"]
    told = f"{scored:,} pairs scored, {unscored:,} not; {document['verdict']}: {document['reason']}"
    return _ended(name, told, document)


def inbox_ended(document: Document) -> State[Any]:
    """`Bad delivery` where a file failed or too many of its pairs have no score, `Nothing new` or `Scored`."""
    states = document["states"]
    bad, scored = states["failed"] or states["partly scored"], states["scored"]
    told = ", ".join(f"{number:,} {state}" for state, number in states.items() if number) or "no file"
    return _ended(BAD_DELIVERY if bad else "Scored" if scored else "Nothing new", told, document)


def _ended(name: str, message: str, document: Document) -> State[Any]:
    return Completed(name=name, message=harmless(message), data=document)


def _figures(test: Document) -> str:
    known = {name: test[name] for name in ("auc", "precision", "recall") if test[name] is not None}
    told = [f"{name.upper() if name == 'auc' else name} {value:.3f}" for name, value in known.items()]
    if test["auc_interval"]:
        told[0] += " ({:.3f}–{:.3f})".format(*test["auc_interval"])
    return ", ".join(told)

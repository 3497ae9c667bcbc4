"""A part of the comparison of speed, in a process of its own: `python benchmarks/drift/speed.py PART FOLDER`.

PART is `verdict` or `preset`, on `reference.parquet` and `current.parquet` of FOLDER, or `check`, on its `runs/current`
and `current-pairs.parquet`. Prints one JSON document: seconds, those of them that a processor worked (of all its cores
together: on a busy machine they say more), and the megabytes by which the process grew over what it was after its
imports and with its input read.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd


def main() -> None:
    print(json.dumps({"verdict": verdict, "preset": preset, "check": check}[sys.argv[1]](Path(sys.argv[2]))))


def verdict(folder: Path) -> dict[str, Any]:
    """Every row of both tables: the product itself keeps 2,000 of its training pairs and checks 10,000 new ones."""
    from twinflow.data.columns import PairColumns
    from twinflow.data.pairs import Pairs
    from twinflow.monitoring.drift import Sample, check_drift

    columns, read = PairColumns(200), tables(folder)
    reference, new = (Sample(Pairs.from_frame(table, columns), table["score"]) for table in read)
    start = watch()
    found = check_drift(reference, new, columns)
    return {**measured(start), "verdict": found["verdict"], "columns": found["drifted_columns"]}


def preset(folder: Path) -> dict[str, Any]:
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    samples = [
        Dataset.from_pandas(table, DataDefinition(numerical_columns=list(table.columns)))
        for table in reversed(tables(folder))
    ]
    start = watch()
    report = Report([DataDriftPreset()]).run(*samples)
    report.save_html(str(folder / "preset.html"))
    found = measured(start)
    count = next(each["value"] for each in report.dict()["metrics"] if "DriftedColumnsCount" in str(each))
    size = (folder / "preset.html").stat().st_size / 1e6
    return {**found, "columns": int(count["count"]), "html_megabytes": round(size, 1)}


def check(folder: Path) -> dict[str, Any]:
    """What `twinflow monitor` does once the pairs are read and scored: the check, its page, and evidently's page."""
    import matplotlib.figure  # noqa: F401

    from twinflow.data.pairs import Pairs
    from twinflow.evaluation.known_pairs import read_known
    from twinflow.monitoring.check import check_pairs
    from twinflow.monitoring.evidently_page import write_page
    from twinflow.monitoring.history import with_history
    from twinflow.monitoring.profile import Profile
    from twinflow.report.drift.page import drift_page
    from twinflow.scoring.verifier import load
    from twinflow.system.json_files import read_json, write_json

    run, frame = folder / "runs" / "current", pd.read_parquet(folder / "current-pairs.parquet")
    verifier, promised = load(run), read_json(run / "metrics.json")["test"]
    scores, label = verifier.score_frame(frame), frame.pop("class").to_numpy(float)
    pairs, file = Pairs.from_frame(frame, verifier.settings.columns), {"path": "new", "sha256": "", "bytes": 0}
    start = watch()
    profile, known = Profile.load(run / "profile.npz"), read_known(run)
    found = check_pairs(verifier, profile, pairs, label, scores, [], promised, [], file, known)
    checked = measured(start)
    document = {"time": "20260101T000000Z", "model": {"run": "run", "network_sha256": ""}, **found.document}
    document["quality"]["unexpected_columns"] = []
    write_json(folder / "drift.json", with_history(document, []))
    (folder / "drift.html").write_text(drift_page(folder), encoding="utf-8")
    both = measured(start)
    os.environ["DO_NOT_TRACK"] = "1"
    warnings.simplefilter("ignore")
    start = watch()
    write_page(found.reference, found.pairs, found.document, folder / "evidently.html")
    pages = {name: (folder / f"{name}.html").stat().st_size / 1e6 for name in ("drift", "evidently")}
    return {"check": checked, "check_and_page": both, "evidently": measured(start), "html_megabytes": pages}


def tables(folder: Path) -> list[pd.DataFrame]:
    return [pd.read_parquet(folder / f"{name}.parquet") for name in ("reference", "current")]


def watch() -> tuple[float, float, float]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    return time.perf_counter(), time.process_time(), resident("VmRSS")


def measured(start: tuple[float, float, float]) -> dict[str, float]:
    seconds, worked = time.perf_counter() - start[0], time.process_time() - start[1]
    grown = resident("VmHWM") - start[2]
    return {"seconds": round(seconds, 2), "cpu_seconds": round(worked, 2), "megabytes": round(grown)}


def resident(field: str) -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    main()

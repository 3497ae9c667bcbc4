"""Our check against evidently's preset, NannyML and two published tests, on the same simulated pairs.

    python benchmarks/drift/run.py OUT --nannyml PYTHON [--draws 40]

PYTHON is an interpreter that has NannyML, which this product's environment need not have:
`python -m venv peers && peers/bin/pip install nannyml==0.13.1 statsmodels 'pandas<3'`, then `peers/bin/python`.
OUT gets `drift.md`, `drift.json` and working files; run again after a break, finished draws are read. On 2 cores it
takes some 30 minutes, most of them NannyML's. Expected: the figures of `benchmarks/README.md`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import verdicts
from worlds import SHIFTS, draw, draws

from twinflow.system.atomic import write_text
from twinflow.system.json_files import write_json

HERE = Path(__file__).parent
SPEED_ROWS, REFERENCE_ROWS, ROWS, ROUNDS = 20_000, 10_000, 1_000, 3
HALF = 402 / 2  # columns that have to be flagged for evidently's preset to call the data set drifted
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
METHODS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "twinflow": lambda found: found["twinflow"],
    "evidently preset: half of the columns": lambda found: found["preset_columns"] >= HALF,
    "evidently preset: any column": lambda found: found["preset_columns"] > 0,
    "NannyML univariate: any column": lambda found: found["nannyml"]["columns"] > 0,
    "NannyML PCA reconstruction": lambda found: found["nannyml"]["reconstruction"],
    "MMD (Gretton and others, 2012)": lambda found: found["mmd"],
    "classifier test (Lopez-Paz, Oquab, 2017)": lambda found: found["classifier"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--nannyml", required=True, help="an interpreter that has NannyML")
    parser.add_argument("--draws", type=int, default=40)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    timed = speed(given.out / "speed")
    quality = detect(given.out, given.draws, given.nannyml)
    write_json(given.out / "drift.json", {"speed": timed, "quality": quality})
    text = f"{speed_table(timed)}\n\n{detection_table(quality)}\n\n{estimate_table(quality)}\n"
    write_text(given.out / "drift.md", text)
    print(text)


# Speed


def speed(folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    rng, tables = np.random.default_rng(0), []
    for name, shift in (("reference", "none"), ("current", "columns")):
        sample = draw(rng, SPEED_ROWS, shift)
        table = pd.DataFrame(sample.vectors, columns=[f"v{i}" for i in range(400)])
        table.assign(score=sample.score.astype(np.float32)).to_parquet(folder / f"{name}.parquet", index=False)
        tables.append(sample)
        table.assign(**{"class": sample.label}).to_parquet(folder / f"{name}-pairs.parquet", index=False)
    preset = part("preset", folder)
    assert preset["columns"] == verdicts.preset_columns(*tables), "the preset's rule is not as verdicts.py has it"
    reference, current = folder / "reference-pairs.parquet", folder / "current-pairs.parquet"
    runs = folder / "runs"
    twinflow("train", "--train", reference, "--test", current, "--set", "head=cosine", "--runs", runs)
    twinflow("promote", next(runs.glob("*-*")))  # the gate turns away what can't tell same from different, as here
    megabytes = twinflow("monitor", "--pairs", current, "--model", runs / "current")
    checks = [part("check", folder) for _ in range(ROUNDS)]
    return {
        "verdict": middle([part("verdict", folder) for _ in range(ROUNDS)]),
        "preset": preset,
        **{name: middle([each[name] for each in checks]) for name in ("check", "check_and_page", "evidently")},
        "html_megabytes": checks[0]["html_megabytes"],
        "monitor_megabytes": megabytes,
    }


def part(name: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, HERE / "speed.py", name, folder], check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def middle(rounds: list[dict[str, Any]]) -> dict[str, float]:
    return {key: median(each[key] for each in rounds) for key in ("seconds", "cpu_seconds", "megabytes")}


def twinflow(command: str, *options: object) -> float:
    """Run it; the most memory that one of its processes took, in megabytes."""
    words = [sys.executable, "-c", "from flows.commands.main import main; main()", command, *map(str, options)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode in (0, 3), f"{command}: exit code {child.returncode}"
    return used.ru_maxrss / 1e3


def speed_table(found: dict[str, Any]) -> str:
    pages = found["html_megabytes"]
    rows = [
        ("our verdict on every row", "verdict", None),
        ("evidently's DataDriftPreset", "preset", found["preset"]["html_megabytes"]),
        ("`monitor`: the check (verdict, estimate, labels)", "check", None),
        ("`monitor`: the check and drift.html", "check_and_page", pages["drift"]),
        ("`monitor`: evidently.html", "evidently", pages["evidently"]),
    ]
    lines = ["| what | seconds | of a processor | MB more than before | page, MB |", "|---|---|---|---|---|"]
    for name, key, page in rows:
        one = found[key]
        size = "" if page is None else f"{page:.1f}"
        lines.append(f"| {name} | {one['seconds']:.1f} | {one['cpu_seconds']:.1f} | {one['megabytes']:.0f} | {size} |")
    return "\n".join(
        [*lines, "", f"Largest process of `twinflow monitor`: {found['monitor_megabytes']:.0f} MB in all."]
    )


# Detection


def detect(out: Path, count: int, python: str) -> list[dict[str, Any]]:
    """For each draw what every method finds after each shift."""
    ours, theirs = out / "ours.jsonl", out / "nannyml.jsonl"
    if len(read_lines(theirs)) < count:
        command = [python, str(HERE / "nannyml_side.py"), *map(str, (count, REFERENCE_ROWS, ROWS))]
        with theirs.open("w") as file:
            subprocess.run(command, check=True, stdout=file, stderr=subprocess.DEVNULL, env=ONE_THREAD)
    done = len(read_lines(ours))
    with ours.open("a") as file:
        for i, (reference, samples) in enumerate(draws(count, REFERENCE_ROWS, ROWS)):
            if i >= done:
                file.write(json.dumps({shift: one(reference, sample) for shift, sample in samples.items()}) + "\n")
                file.flush()
    both = zip(read_lines(ours)[:count], read_lines(theirs)[:count], strict=True)
    return [{shift: {**mine[shift], "nannyml": other[shift]} for shift in SHIFTS} for mine, other in both]


def one(reference: verdicts.Sample, current: verdicts.Sample) -> dict[str, Any]:
    return {
        "twinflow": verdicts.twinflow(reference, current),
        "preset_columns": verdicts.preset_columns(reference, current),
        "mmd": verdicts.maximum_mean_discrepancy(reference, current),
        "classifier": verdicts.classifier_two_sample_test(reference, current),
        "accuracy": verdicts.estimated_accuracy(reference, current),
        "realised": verdicts.realised_accuracy(current),
    }


def detection_table(quality: list[dict[str, Any]]) -> str:
    head = f"| alarms, of {len(quality)} draws | {' | '.join(SHIFTS)} |"
    lines = [
        f"| {name} | {' | '.join(str(sum(said(found[shift]) for found in quality)) for shift in SHIFTS)} |"
        for name, said in METHODS.items()
    ]
    return "\n".join([head, "|---|" + "---|" * len(SHIFTS), *lines])


def estimate_table(quality: list[dict[str, Any]]) -> str:
    lines = ["| accuracy estimated without labels | shift | mean error | mean size of error | in the interval |",
             "|---|---|---|---|---|"]  # fmt: skip
    for name in ("twinflow", "NannyML CBPE"):
        for shift in SHIFTS:
            each = [found[shift] for found in quality]
            parts = [(found if name == "twinflow" else found["nannyml"], found["realised"]) for found in each]
            errors = np.array([by["accuracy"]["value"] - real for by, real in parts])
            inside = sum(by["accuracy"]["low"] <= real <= by["accuracy"]["high"] for by, real in parts)
            lines.append(f"| {name} | {shift} | {errors.mean():+.3f} | {np.abs(errors).mean():.3f} | {inside} |")
    return "\n".join(lines)


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    main()

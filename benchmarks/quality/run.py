"""Every system on every data set of a folder, as one table.

    python benchmarks/quality/run.py DATA OUT [--sets a,b] [--systems a,b] [--seeds 5]

DATA holds a folder for each set, with `bank.parquet` (every distinct vector once) and `pairs.parquet` (`split`, `left`,
`right`: rows of the bank, `class`). OUT gets `<set>.json` as each set is done, then `table.md` and `table.json`. Run
again after a break, it goes on where it was: finished sets are read, finished fits are found in the set's `runs/.fits`.
A set whose code, settings or files have changed since is compared anew.

On 2 cores, five seeds and the sets of the table in `benchmarks/README.md` take hours: most of it is `wide`.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from table import markdown, table

from twinflow.evaluation.comparison.fit_store import fit_key
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings
from twinflow.system.atomic import write_text
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json, write_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", help="names of folders; all of DATA where left out")
    parser.add_argument("--systems", default=",".join(HEADS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], help="a setting that all share, KEY=VALUE")
    given = parser.parse_args()
    names = (
        given.sets.split(",") if given.sets else sorted(path.parent.name for path in given.data.glob("*/bank.parquet"))
    )
    if not names:
        parser.error(f"{given.data}: expected folders with bank.parquet and pairs.parquet, found none")
    given.out.mkdir(parents=True, exist_ok=True)
    documents = {name: one(given.data / name, given.out, given.systems, given.seeds, given.set) for name in names}
    summed = table(documents)
    write_json(given.out / "table.json", summed)
    write_text(given.out / "table.md", markdown(summed))
    print(markdown(summed))


def one(data: Path, out: Path, systems: str, seeds: int, changed: list[str]) -> dict[str, Any]:
    """The `compare.json` of a set, from before where nothing has changed since."""
    done, work = out / f"{data.name}.json", out / data.name
    key = fit_key(sha256(data / "pairs.parquet") + sha256(data / "bank.parquet"), Settings(), 0, 1.0)
    wanted = {"key": key, "systems": systems, "seeds": seeds, "settings": changed}
    if done.exists() and read_json(done)["made_from"] == wanted:
        print(f"{data.name}: from before", file=sys.stderr)
        return read_json(done)
    print(f"{data.name}: {systems}", file=sys.stderr)
    for split in ("train", "test"):
        write_wide(data, split, work / f"{split}.parquet")
    command = [sys.executable, "-c", "from flows.commands.main import main; main()", "compare"]
    command += ["--train", str(work / "train.parquet"), "--test", str(work / "test.parquet"), "--systems", systems]
    command += ["--seeds", str(seeds), "--runs", str(work / "runs"), "--json"]
    command += [word for setting in changed for word in ("--set", setting)]
    run = Path(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["run"])
    document = {**read_json(run / "compare.json"), "inputs": read_json(run / "inputs.json"), "made_from": wanted}
    shutil.copy(run / "compare.html", out / f"{data.name}.html")
    write_json(done, document)
    return document


def write_wide(data: Path, split: str, path: Path) -> None:
    """A split of a set as the file that the product reads: v0 … left, then right, and the class."""
    if path.exists():
        return
    bank = pd.read_parquet(data / "bank.parquet").to_numpy("float32")
    pairs = pd.read_parquet(data / "pairs.parquet").query("split == @split")
    width = bank.shape[1]
    left, right = (
        pd.DataFrame(bank[pairs[side]], columns=[f"v{i + first}" for i in range(width)])
        for side, first in (("left", 0), ("right", width))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    label = pairs["class"].astype("int8").reset_index(drop=True)
    pd.concat([left, right, label.rename("class")], axis=1).to_parquet(path, index=False)


if __name__ == "__main__":
    main()

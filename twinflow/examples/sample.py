"""The bundled sample: real pairs of encoded recordings, in the form and about the size people bring.

`sample/` holds it in compact form, every distinct vector once; `write_sample` writes the wide CSV files from it.
"""

from pathlib import Path

import pyarrow.parquet as pq

from twinflow.system.atomic import atomic_target
from twinflow.system.permissions import make_folder

SAMPLE = Path(__file__).parent / "sample"


def write_sample(folder: Path) -> tuple[Path, Path]:
    """Write `train.csv` (1983 pairs) and `test.csv` (662 pairs) into `folder`, which is made where it is missing.

    Each row is `v0 … v199` (left), `v200 … v399` (right) and `class` (1 same, 0 different). Read as float32, the
    numbers are those of `SAMPLE / "bank.parquet"` exactly.

    Returns:
        The paths of the two files.
    """
    bank = pq.read_table(SAMPLE / "bank.parquet").to_pandas().to_numpy()
    vectors = [",".join(f"{number:.3f}" for number in vector) for vector in bank.tolist()]
    header = ",".join([*(f"v{i}" for i in range(2 * bank.shape[1])), "class"])
    make_folder(folder)
    paths = {"train": folder / "train.csv", "test": folder / "test.csv"}
    pairs = pq.read_table(SAMPLE / "pairs.parquet").to_pylist()
    for split, path in paths.items():
        rows = [f"{vectors[p['left']]},{vectors[p['right']]},{p['class']}" for p in pairs if p["split"] == split]
        with atomic_target(path) as temporary:
            temporary.write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="\n")
    return paths["train"], paths["test"]

"""A published model at work: scores, probabilities and decisions for new pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow import artifacts
from twinflow.errors import ArtifactError, SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.calibration import Calibration
    from twinflow.network import TwinNetwork
    from twinflow.settings import Settings

CHUNK_ROWS = 8192
TOO_LARGE = "no finite score: its numbers are too large"


@dataclass(frozen=True)
class Verifier:
    """A trained network with its threshold.

    Args:
        network: maps [left, right] to scores; larger means more the same.
        calibration: the threshold, and the map from score to probability.
        settings: those of the run; they name the columns.
        run: the folder it was loaded from.
    """

    network: TwinNetwork
    calibration: Calibration
    settings: Settings
    run: Path

    def score(self, left: ArrayLike, right: ArrayLike) -> NDArray[np.float32]:
        """Scores (n,) of pairs whose vectors are `left` and `right`, both (n, side_width).

        Raises:
            ValueError: the shapes differ from each other or from the model's, or a cell isn't finite.
        """
        sides = [np.asarray(side, np.float32) for side in (left, right)]
        width = self.settings.side_width
        if sides[0].shape != sides[1].shape or sides[0].ndim != 2 or sides[0].shape[1] != width:
            raise ValueError(f"left, right: expected two arrays (n, {width}), found {[side.shape for side in sides]}")
        if not all(np.isfinite(side).all() for side in sides):
            raise ValueError("left, right: expected finite numbers, found NaN or an infinity")
        return self.network.scores(*sides)

    def predict_proba(self, left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
        """Probabilities (n,) in [0, 1] that a pair is the same; arguments and errors as in `score`."""
        return self.calibration.probability(self.score(left, right))

    def predict(self, left: ArrayLike, right: ArrayLike) -> NDArray[np.int8]:
        """Decisions (n,): 1 same, 0 different; arguments and errors as in `score`."""
        return self.calibration.same(self.score(left, right))

    def at_prior(self, prior: float) -> Verifier:
        """The same model for pairs of which the share `prior` is the same: probabilities change, decisions don't.

        Raises:
            SettingsError: the share is not between 0 and 1.
        """
        if not 0 < prior < 1:
            raise SettingsError(f"prior: expected a share between 0 and 1, found {prior:g}")
        return replace(self, calibration=replace(self.calibration, prior=prior))

    def score_frame(self, frame: pd.DataFrame, first_row: int = 2) -> pd.DataFrame:
        """One row out for each row of a pair frame, in its order.

        Args:
            frame: the vector columns as float32, and the id columns.
            first_row: file line of the first row, the header being line 1.

        Returns:
            `row` (file line), the id columns, `score`, `probability`, `same` and `status`: "ok", or why the pair has no
            score (the columns whose cells aren't finite numbers, or numbers too large to work with), in which case the
            other three are empty.
        """
        import pandas as pd

        columns = self.settings.columns
        sides = [frame[list(names)].to_numpy(np.float32) for names in (columns.left, columns.right)]
        finite = np.hstack([np.isfinite(side) for side in sides])
        whole: NDArray[np.bool_] = np.all(finite, axis=1)
        good, scores = whole.copy(), self.network.scores(*(side[whole] for side in sides))
        good[whole] = np.isfinite(scores)
        scores = scores[np.isfinite(scores)]
        out = pd.DataFrame({"row": np.arange(first_row, first_row + len(frame))})
        out[list(columns.ids)] = frame[list(columns.ids)].to_numpy()
        out["score"] = _spread(scores, good).astype(np.float32)
        out["probability"] = _spread(self.calibration.probability(scores), good)
        out["same"] = pd.Series(_spread(self.calibration.same(scores), good)).astype("Int8")
        status = np.where(good, "ok", TOO_LARGE).astype(object)
        for i in np.flatnonzero(~whole):
            bad = [columns.vectors[j] for j in np.flatnonzero(~finite[i])[:4]]
            status[i] = f"not a finite number: {', '.join(bad[:3])}" + (" …" if len(bad) > 3 else "")
        out["status"] = status
        return out


def load(run: str | Path) -> Verifier:
    """The model of a published run, checked against the run's manifest before it is opened.

    Args:
        run: a run's folder, or `runs/current`.

    Raises:
        ArtifactError: the folder is no finished run, a file in it was altered, or the network and the calibration
            don't belong together.
    """
    folder = artifacts.check_run(Path(run), "model.keras", "calibration.json", "settings.yaml")
    document = artifacts.read_json(folder / "calibration.json")
    found = artifacts.sha256(folder / "model.keras")
    if document["network_sha256"] != found:
        raise ArtifactError(
            f"{folder}: expected the network that was calibrated ({document['network_sha256'][:12]}…), "
            f"found another ({found[:12]}…)"
        )
    from twinflow.calibration import Calibration
    from twinflow.network import load_network
    from twinflow.settings import load_settings

    return Verifier(
        load_network(folder / "model.keras"),
        Calibration.from_json(document),
        load_settings(folder / "settings.yaml"),
        folder,
    )


def score_file(verifier: Verifier, pairs: Path, out: Path) -> int:
    """Score a file of pairs into `out` (.csv or .parquet), a chunk at a time; returns the number of rows.

    Raises:
        DataError: the file of pairs can't be read; nothing is written.
        ArtifactError: `out` can't be written, or its name ends in neither.
    """
    from twinflow.reading import iter_frames

    if out.suffix not in (".csv", ".parquet"):
        raise ArtifactError(f"{out}: expected a name that ends in .csv or .parquet, found {out.name!r}")
    frames = iter_frames(pairs, verifier.settings.columns, CHUNK_ROWS)
    try:
        with artifacts.atomic(out) as temporary:
            return _write(_scored(verifier, frames), temporary)
    except OSError as error:
        raise ArtifactError(f"{out}: expected a file that can be written, found {error.strerror or error}") from None


def _scored(verifier: Verifier, frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    row = 2
    for frame in frames:
        yield verifier.score_frame(frame, row)
        row += len(frame)


def _write(frames: Iterable[pd.DataFrame], path: Path) -> int:
    import pyarrow as pa
    from pyarrow import csv, parquet

    rows, writer = 0, None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                kind = parquet.ParquetWriter if path.suffix == ".parquet" else csv.CSVWriter
                writer = kind(path, table.schema)
            writer.write_table(table)
            rows += len(frame)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _spread(values: NDArray[np.generic], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`values` at the rows that are good, NaN at the others."""
    out = np.full(len(good), np.nan)
    out[good] = values
    return out

"""A published model: scores, probabilities and decisions for new pairs in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.data.columns import FIRST_ROW, OK
from twinflow.data.given import frame_sides, sides
from twinflow.data.given import vectors as vectors_of
from twinflow.data.limits import can_be_scored, workable
from twinflow.errors import ArtifactError, SettingsError
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.scoring.description import as_table, gate_reasons, in_a_line
from twinflow.statistics.arrays import Flags, Floats, Labels, Vectors
from twinflow.system.json_files import read_json

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.calibration.calibrate import Calibration
    from twinflow.data.reading.compact_pairs import Compact
    from twinflow.models.scoring_network import ScoringNetwork
    from twinflow.settings import Settings

CHUNK_ROWS = 8192  # pairs that are scored at a time
TOO_LARGE = "no finite score: its numbers are too large"
NO_DIRECTION = "no direction: a vector of zeros"
SHOWN_COLUMNS = 3


@dataclass(frozen=True, repr=False)
class Verifier:
    """A trained network with its threshold, as `load` makes it from the folder of a run, and `train` from pairs.

    Args:
        network: scores pairs; a larger score means more the same.
        calibration: the threshold, and the map from score to probability.
        settings: those of the run; they name the columns.
        run: the folder it was loaded from.
    """

    network: ScoringNetwork
    calibration: Calibration
    settings: Settings
    run: Path
    _temporary: object = None  # the run is there for as long as this is

    def __repr__(self) -> str:
        return in_a_line(self.run, self.settings.head, self.calibration)

    def _repr_html_(self) -> str:
        return as_table(self.run, self.settings.head, self.calibration)

    @property
    def threshold(self) -> float:
        """A pair is called same where its score is at least this."""
        return self.calibration.threshold

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the gate turned the model away, in sentences; empty where it passed, or its run is gone."""
        return gate_reasons(self.run)

    def report(self) -> Path:
        """The path of the page `report.html` that people read of the run.

        Raises:
            ArtifactError: the run is gone, or the page was altered.
        """
        return check_run(self.run, files.REPORT) / files.REPORT

    def score(self, left: ArrayLike, right: ArrayLike) -> NDArray[np.float32]:
        """Scores (n,) of pairs whose vectors are `left` and `right`, both (n, side_width).

        Raises:
            ValueError: the shapes differ from each other or from the model's, a cell is not finite or larger than
                `twinflow.data.limits.LARGEST`, or a vector is all zeros and so has no direction.
        """
        return self.network.scores(*sides(left, right, self.settings.side_width))

    def embed(self, vectors: ArrayLike) -> NDArray[np.float32]:
        """Where the network puts vectors (n, side_width): (n, k · e), the embeddings of its k members side by side.

        A head without a tower gives the vectors back.

        Raises:
            ValueError: another shape, or a cell that is not finite or too large to work with.
        """
        checked = vectors_of("vectors", vectors, self.settings.side_width)
        return np.concatenate(list(self.network.embeddings(checked)), axis=1)

    def explain(self, left: ArrayLike, right: ArrayLike) -> pd.DataFrame:
        """What pushed pairs to their side of the threshold; arguments and errors as in `score`.

        Returns:
            n rows: `score`, `probability`, `same`, `cosine` (of the raw vectors); `from_cosine`, how far over the
            threshold the pair's cosine alone would put its score, by the line of score on cosine among the validation
            pairs; `learned`, what the network adds to that (both together are the score less the threshold); and
            `pushed` by: "cosine", "network" or "both".

        Raises:
            ArtifactError: the run is gone, or its validation scores were altered.
        """
        import pandas as pd

        from twinflow.data.similarity import cosine
        from twinflow.evaluation.pushes import pushes

        both = sides(left, right, self.settings.side_width)
        scores, plain = self.network.scores(*both), cosine(*both)
        called, probability = self.calibration.same(scores), self.calibration.probability(scores)
        shown = pd.DataFrame({"score": scores, "probability": probability, "same": called, "cosine": plain})
        known = pd.read_parquet(check_run(self.run, files.VALIDATION_SCORES) / files.VALIDATION_SCORES)
        return shown.join(pushes(scores, plain, self.threshold, known))

    def predict_proba(self, left: ArrayLike, right: ArrayLike) -> Floats:
        """Probabilities (n,) in [0, 1] that a pair is the same; arguments and errors as in `score`."""
        return self.calibration.probability(self.score(left, right))

    def predict(self, left: ArrayLike, right: ArrayLike) -> Labels:
        """Decisions (n,): 1 same, 0 different; arguments and errors as in `score`."""
        return self.calibration.same(self.score(left, right))

    def at_prior(self, prior: float) -> Verifier:
        """A copy for pairs of which the share `prior`, in (0, 1), is the same: other probabilities, equal decisions.

        Raises:
            SettingsError: the share is not between 0 and 1.
        """
        if not 0 < prior < 1:
            raise SettingsError(f"prior: expected a share between 0 and 1, found {prior:g}")
        return replace(self, calibration=replace(self.calibration, prior=prior))

    def score_frame(self, frame: pd.DataFrame, first_row: int = FIRST_ROW) -> pd.DataFrame:
        """Scores of a frame of pairs: one row for each of its rows, in its order.

        Args:
            frame: the vector columns as float32, and the id columns.
            first_row: file line of the first row, the header being line 1.

        Returns:
            `row` (file line), the id columns, `score`, `probability`, `same` and `status`: "ok", or why the pair has no
            score (the columns whose cells aren't finite numbers, or are too large to work with; a vector of zeros,
            which has no direction), in which case the other three are empty.
        """
        both = frame_sides(frame, self.settings.columns)
        places = np.arange(2 * len(frame)).reshape(2, -1)
        of_all = np.concatenate(both)
        whole = np.asarray(can_be_scored(of_all)[places].all(axis=0))
        left, right = (np.where(whole[:, None], side, np.float32(0)) for side in both)
        scores = self.network.independent_scores(left, right, first_row - FIRST_ROW)
        return self._answers(frame, first_row, scores[whole], whole, of_all, places)

    def score_compact(self, compact: Compact) -> Iterator[pd.DataFrame]:
        """Yields scores of pairs in the compact form as frames like `score_frame`'s, `CHUNK_ROWS` pairs each.

        Each vector of the bank is encoded once.
        """
        bank = compact.bank[list(self.settings.columns.left)].to_numpy(np.float32)
        good, encoded = can_be_scored(bank), self.network.encode(bank)
        for start in range(0, max(1, len(compact.links)), CHUNK_ROWS):
            rows = slice(start, start + CHUNK_ROWS)
            places = np.stack([compact.left[rows], compact.right[rows]])
            whole = np.asarray(good[places].all(axis=0))
            scores = self.network.scores_of(encoded, *places[:, whole])
            yield self._answers(compact.links[rows], start + FIRST_ROW, scores, whole, bank, places)

    def _answers(
        self,
        ids: pd.DataFrame,
        first_row: int,
        scores: NDArray[np.float32],
        whole: Flags,
        vectors: Vectors,
        places: NDArray[np.integer],
    ) -> pd.DataFrame:
        """The frame of scores, one row for each pair.

        Args:
            ids: the id columns of the n pairs.
            first_row: the number of the first pair in the column `row`.
            scores: of the pairs that are `whole`.
            whole: which pairs can be scored, (n,).
            vectors: (m, d), those of the pairs among them.
            places: where among them a pair's two vectors are, (2, n).
        """
        import pandas as pd

        columns = self.settings.columns
        good = whole.copy()
        good[whole] = np.isfinite(scores)
        scores = scores[np.isfinite(scores)]
        out = pd.DataFrame({"row": np.arange(first_row, first_row + len(ids))})
        out[list(columns.ids)] = ids[list(columns.ids)].to_numpy()
        out["score"] = _spread(scores, good).astype(np.float32)
        out["probability"] = _spread(self.calibration.probability(scores), good)
        out["same"] = pd.Series(_spread(self.calibration.same(scores), good)).astype("Int8")
        status = np.where(good, OK, TOO_LARGE).astype(object)
        for i in np.flatnonzero(~whole):
            status[i] = _why_not(vectors[places[:, i]].ravel(), columns.vectors)
        out["status"] = status
        return out


def load(run: str | Path) -> Verifier:
    """Load the model of a published run, checked against the run's manifest before it is opened.

    Args:
        run: a run's folder, or `runs/current`.

    Raises:
        ArtifactError: the folder is no finished run, a file in it was altered, or the network, the calibration and the
            settings don't belong together.
    """
    folder = check_run(Path(run), *files.SCORING)
    document = read_json(folder / files.CALIBRATION)
    from twinflow.calibration.calibrate import Calibration
    from twinflow.calibration.document import belongs_to
    from twinflow.models.scoring_network import load_network
    from twinflow.settings import load_settings

    if not belongs_to(document, folder / files.MODEL):
        calibrated = str(document["network_sha256"])[:12]
        raise ArtifactError(f"{folder}: expected the network that was calibrated ({calibrated}…), found another")
    network, settings = load_network(folder / files.MODEL), load_settings(folder / files.SETTINGS)
    if network.side_width != settings.side_width:
        found = f"one of {network.side_width:,}"
        raise ArtifactError(f"{folder}: expected a network of {settings.side_width:,} columns a side, found {found}")
    return Verifier(network, Calibration.from_json(document), settings, folder)


def _why_not(cells: Vectors, names: Sequence[str]) -> str:
    """Why a pair has no score, by the cells of both its vectors, (2d,), and their columns."""
    for bad, what in ((~np.isfinite(cells), "not a finite number"), (~workable(cells), "too large a number")):
        if bad.any():
            columns = [names[int(j)] for j in np.flatnonzero(bad)]
            return f"{what}: {', '.join(columns[:SHOWN_COLUMNS])}" + (" …" if len(columns) > SHOWN_COLUMNS else "")
    return NO_DIRECTION


def _spread(values: NDArray[np.generic], good: Flags) -> Floats:
    """`values` at the rows that are good, NaN at the others."""
    out = np.full(len(good), np.nan)
    out[good] = values
    return out

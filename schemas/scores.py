"""The contract of a scores file: one row for each row of the pair file, in its order."""

from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa

from twinflow.data.columns import FIRST_ROW, OK

RESULTS = ["score", "probability", "same"]


def score_schema(ids: Sequence[str] = ()) -> pa.DataFrameSchema:
    """The schema of a frame of scores.

    Columns: `row` (line in the pair file, the header being line 1), the ids, `score` (larger is more the same),
    `probability` in [0, 1], `same` (1 or 0) and `status`: "ok", or why the pair could not be scored; then the three
    results are empty, and only then.

    Args:
        ids: the id columns that were carried along.
    """
    columns = {
        "row": pa.Column("int64", [pa.Check.ge(FIRST_ROW), pa.Check(_rises, name="rows are in the file's order")]),
        **{name: pa.Column(nullable=True) for name in ids},
        "score": pa.Column("float32", pa.Check(lambda score: score.abs() < float("inf"), name="finite"), nullable=True),
        "probability": pa.Column("float64", pa.Check.in_range(0, 1), nullable=True),
        "same": pa.Column("Int8", pa.Check.isin([0, 1]), nullable=True, coerce=True),
        "status": pa.Column(checks=pa.Check.str_length(min_value=1)),  # the type of text is for pandas to choose
    }
    whole = pa.Check(_scored_where_ok, name="results where the status is ok, and only there")
    return pa.DataFrameSchema(columns, checks=[whole], strict=True, ordered=True)


def _rises(row: pd.Series) -> bool:
    return bool((row.diff().iloc[1:] > 0).all())


def _scored_where_ok(frame: pd.DataFrame) -> pd.Series:
    ok = frame["status"] == OK
    filled = frame[RESULTS].notna()
    return filled.all(axis=1).where(ok, ~filled.any(axis=1))

"""NannyML on the same draws: `PYTHON benchmarks/drift/nannyml_side.py DRAWS REFERENCE_ROWS ROWS`, one JSON line a draw.

It runs in an environment of its own (pip install nannyml statsmodels 'pandas<3'); the chunks are the samples after each
shift, and ten or so of the reference, from which NannyML takes its limits (three standard deviations).
"""

import json
import os
import sys
import warnings

import numpy as np
import pandas as pd
from worlds import SHIFTS, draws


def main() -> None:
    warnings.simplefilter("ignore")
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
    import nannyml

    count, reference_rows, rows = map(int, sys.argv[1:])
    for reference, samples in draws(count, reference_rows, rows):
        before = frame(reference.table)
        now = frame(np.vstack([sample.table for sample in samples.values()]))
        names, metric = list(before.columns), "jensen_shannon"
        univariate = (
            nannyml.UnivariateDriftCalculator(column_names=names, continuous_methods=[metric], chunk_size=rows)
            .fit(before)
            .calculate(now)
            .filter(period="analysis")
            .to_df()
        )
        flagged = np.column_stack([univariate[(name, metric, "alert")] for name in names]).sum(axis=1)
        multivariate = nannyml.DataReconstructionDriftCalculator(column_names=names, chunk_size=rows)
        alerts = multivariate.fit(before).calculate(now).filter(period="analysis").to_df()
        cbpe = nannyml.CBPE(
            problem_type="classification_binary", metrics=["accuracy"], y_true="label", y_pred="call",
            y_pred_proba="probability", chunk_size=rows,
        ).fit(called(before)).estimate(called(now)).filter(period="analysis").to_df()  # fmt: skip
        found = {
            shift: {
                "columns": int(flagged[i]),
                "reconstruction": bool(alerts[("reconstruction_error", "alert")].iloc[i]),
                "accuracy": {
                    "value": float(cbpe[("accuracy", "value")].iloc[i]),
                    "low": float(cbpe[("accuracy", "lower_confidence_boundary")].iloc[i]),
                    "high": float(cbpe[("accuracy", "upper_confidence_boundary")].iloc[i]),
                },
            }
            for i, shift in enumerate(SHIFTS)
        }
        print(json.dumps(found), flush=True)


def frame(table: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(table, columns=[*(f"v{i}" for i in range(table.shape[1] - 2)), "score", "label"])


def called(table: pd.DataFrame) -> pd.DataFrame:
    chance = 1 / (1 + np.exp(-2 * table["score"]))
    return pd.DataFrame(
        {"label": table["label"].astype(int), "call": (chance >= 0.5).astype(int), "probability": chance}
    )


if __name__ == "__main__":
    main()

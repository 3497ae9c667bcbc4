"""The pairs of a file in one frame."""

import os.path
from pathlib import Path

import pandas as pd

from twinflow.data.columns import PairColumns
from twinflow.data.reading.frames import join_frames
from twinflow.data.reading.pair_files import iter_frames, iter_groups
from twinflow.data.reading.problems import Problems


def read_frame(path: str | Path, columns: PairColumns, labelled: bool = True) -> pd.DataFrame:
    problems = Problems()
    if os.path.isfile(path):  # noqa: PTH113 (also of a path that no file can have)
        frames = iter_groups(path, columns, 1, labelled, problems)  # as they come
    else:
        frames = iter_frames(path, columns, 1 << 20, labelled)
    frame = join_frames(frames, columns, labelled)
    problems.check()
    return frame

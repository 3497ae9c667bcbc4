"""Coverage-guided fuzzing of what reads files: `python -m tests.fuzz TARGET [libFuzzer's options]`.

An input that ends in anything but what was read, or a message that names the file, is left in `.fuzz`: make it a case
of `tests/faults/test_fuzzed.py`.
"""

from __future__ import annotations

import importlib
import logging
import sys
import tempfile
from pathlib import Path

import atheris

TARGETS = ("csv_files", "parquet_files", "documents", "networks")


def main() -> None:
    target, *options = sys.argv[1:] or [""]
    if target not in TARGETS:
        sys.exit(f"expected one of {', '.join(TARGETS)}, found {target!r}")
    with atheris.instrument_imports(include=["twinflow", "schemas"]):
        module = importlib.import_module(f"tests.fuzz.{target}")
    logging.disable()
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(module.SEEDS):
        (corpus / str(number)).write_bytes(seed)
    Path(".fuzz").mkdir(exist_ok=True)
    limits = ["-timeout=5", "-rss_limit_mb=1024"] if target != "networks" else ["-timeout=5", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], str(corpus), "-artifact_prefix=.fuzz/", *limits, *options], module.check)
    atheris.Fuzz()


main()

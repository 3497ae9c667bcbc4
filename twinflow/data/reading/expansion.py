"""A bound on what a file may unpack to: gzip and Parquet make a billion equal rows of a few bytes."""

from pathlib import Path

from twinflow.errors import DataError, Violation

# Vectors of which one number in a hundred is not 0 take some 80 times as much memory as their compressed file.
MOST_TIMES = 128
FREE_BYTES = 1 << 28  # however small the file: this fits everywhere


class Expansion:
    """Counts what comes out of a file.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.file, self.bytes = str(path), 0
        self.most = max(FREE_BYTES, MOST_TIMES * path.stat().st_size)

    def add(self, size: int) -> None:
        """Count `size` bytes more, before memory is taken for them.

        Raises:
            DataError: they are too many for a file of its size.
        """
        self.bytes += size
        if self.bytes > self.most:
            expected = (
                f"at most {self.most / 1e9:,.1f} GB in it, {MOST_TIMES} times its size or {FREE_BYTES / 1e9:.1f} GB"
            )
            raise DataError([Violation(self.file, expected, "more: equal cells without end, or hardly any column")])

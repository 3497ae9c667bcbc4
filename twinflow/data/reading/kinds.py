"""What a file is that is no file of pairs, by its first bytes."""

KNOWN_BYTES = 512  # the mark of a tar archive stands behind the name of its first file

PARQUET = b"PAR1"
GZIP = b"\x1f\x8b"
TAR, TAR_AT = b"ustar", 257
MARKS = {
    b"PK\x03\x04": "a zip archive (.xlsx and .npz are zip archives too)",
    b"PK\x05\x06": "an empty zip archive",
    b"BZh": "a file compressed with bzip2",
    b"\xfd7zXZ\x00": "a file compressed with xz",
    b"\x28\xb5\x2f\xfd": "a file compressed with zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x04\x22\x4d\x18": "a file compressed with lz4",
    b"\xff\x06\x00\x00sNaPpY": "a file compressed with snappy",
    b"\x1f\x9d": "a file compressed with compress",
    b"PARE": "an encrypted Parquet file",
    b"ARROW1": "an Arrow file (.feather, .arrow)",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"\x93NUMPY": "an array of numpy (.npy)",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel file (.xls)",
}


def foreign_kind(start: bytes) -> str | None:
    """What a file is by its first `KNOWN_BYTES`, where it is of another kind than files of pairs; else None.

    Text is never of another kind, whatever it begins with: a column may be named `ORChid`.
    """
    if start[TAR_AT:].startswith(TAR):
        return "a tar archive"
    kind = next((kind for mark, kind in MARKS.items() if start.startswith(mark)), None)
    return kind if kind and not _is_text(start) else None


def _is_text(start: bytes) -> bool:
    try:
        return min(start) > 8 and bool(start.decode("utf-8"))
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4  # a letter that was cut in two

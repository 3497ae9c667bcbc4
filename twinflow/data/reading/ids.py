"""Ids as text."""

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

WHOLE = r"^(-?\d+)\.0+$"
LARGE = r"^-?\d(\.\d+)?e\+\d\d$"  # as Python, pandas and Arrow write large floats; an id 1e5 is none of them


def id_texts(cells: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Ids as they stand in a file, without what a column of floats made of whole numbers: 5.0 is the id 5.

    Such a column comes of whole numbers of which one was missing. Empty cells are empty texts.

    Args:
        cells: n texts, numbers, or what else can be written as text. Of a dictionary, equal ids are one object: a long
            one in a million rows takes its memory once.
    """
    if pa.types.is_dictionary(cells.type):
        texts = np.append(id_texts(cells.dictionary), "")
        return np.asarray(texts[cells.indices.fill_null(len(texts) - 1)])
    if pa.types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), None, cells)
    texts = pc.replace_substring_regex(cells.cast(pa.string()).fill_null(""), pattern=WHOLE, replacement=r"\1")
    found = np.asarray(texts)
    for place in np.flatnonzero(np.asarray(pc.match_substring_regex(texts, pattern=LARGE))):
        number = Decimal(found[place])
        if number == number.to_integral_value():
            found[place] = str(int(number))
    return found

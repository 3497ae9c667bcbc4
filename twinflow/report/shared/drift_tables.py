"""The tables of a drift document: its tests, and the columns that moved most."""

from twinflow.system.json_files import Document

TESTS = {
    "scores": "Scores",
    "cosine": "Plain cosine",
    "labels": "Share of same",
    "multivariate": "Dependence between columns",
    "embeddings": "Embeddings",
}


def tests(drift: Document) -> list[tuple[str, Document]]:
    """The tests that were made beside those of the columns, by name."""
    return [(name, drift[key]) for key, name in TESTS.items() if drift[key]]


def most_moved(drift: Document, most: int) -> list[Document]:
    """The columns with the largest effects, at most `most`, the largest first."""
    compared = [column for column in drift["columns"] if column["effect"] is not None]
    return sorted(compared, key=lambda column: -column["effect"])[:most]

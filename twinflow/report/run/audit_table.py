"""What the audit found in the files of a run, as rows of a table."""

from twinflow.data.audit.sentences import NAMES
from twinflow.system.json_files import Document


def audit_table(audit: Document) -> tuple[list[tuple[str, list[Document | None]]], list[str]]:
    """Each thing found, within the training file, within the test file and between them; and names of the rest."""
    places = {name: [audit[place].get(key) for place in ("train", "test", "between")] for key, name in NAMES.items()}
    looked_for = {name: [found for found in row if found is not None] for name, row in places.items()}
    none = [name for name, found in looked_for.items() if found and not any(each["count"] for each in found)]
    return [(name, row) for name, row in places.items() if looked_for[name] and name not in none], none

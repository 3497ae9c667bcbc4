"""What the drift check of the test file says, as a sentence."""

from twinflow.report.shared.wording import clause
from twinflow.system.json_files import Document

VERDICTS = {
    "drift": "The test file has drifted from the training file",
    "no drift": "The test file looks like the training file",
    "not enough data": "There is too little data to say whether the test file has drifted",
}


def drift_verdict(drift: Document) -> str:
    """The drift check's answer."""
    return f"{VERDICTS[drift['verdict']]}: {clause(drift['reason'])}."

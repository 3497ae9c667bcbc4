"""What the model card says of a run: its limits, and the command that chose its threshold."""

from twinflow.calibration.recalibration import CHANGEABLE
from twinflow.report.run.new_items_sentences import new_items
from twinflow.report.run.run_files import RunFiles
from twinflow.settings import Settings
from twinflow.system.json_files import Document


def limits(metrics: Document, calibration: Document) -> list[str]:
    """What the figures do not say, for the model card."""
    sentences = [
        "The figures are for pairs drawn as those of the test file were, from the encoder that made them. "
        "The command twinflow monitor says whether new pairs still look like it.",
        new_items(metrics),
    ]
    if metrics["items_repeat"]:
        sentences.append("Items stand in several test pairs; the intervals allow for that and are the wider for it.")
    promise = calibration.get("guarantee")
    kept = f"Promised: {promise}." if promise else "No figure is promised: intervals are the evidence there is."
    return [*sentences, kept]


def recalibration(run: RunFiles) -> str:
    """The command that chose the threshold of a run whose network came from another."""
    pairs = ["--pairs", run.inputs["calibration"]["path"]] if "calibration" in run.inputs else []
    defaults = Settings().model_dump(mode="json")
    chosen = [
        f"--set {key}={run.settings[key]}"
        for key in CHANGEABLE
        if run.settings.get(key, defaults[key]) != defaults[key]
    ]
    return " ".join(["twinflow calibrate --model", run.inputs.get("network_of", ""), *pairs, *chosen])

"""Which figures to expect on items that are new, as a sentence or two."""

from twinflow.evaluation.new_items import FEW_OF_A_CLASS
from twinflow.evaluation.slices import BY_SEEN, SEEN
from twinflow.statistics.numbers import count, number, percent_with_interval, signed, with_interval
from twinflow.system.json_files import Document


def new_items(metrics: Document) -> str:
    """What the test file says of new items, or else the training pairs."""
    seen, rows = metrics["seen"], metrics["rows"]
    new = next((part for part in metrics["slices"] if part["by"] == BY_SEEN and part["value"] == SEEN[0]), None)
    if seen["neither"] == rows:
        return "No test pair has an item of the training file. These are the figures to expect on new items."
    if new is not None and min(new["same"], new["rows"] - new["same"]) >= FEW_OF_A_CLASS:
        return (
            f"On the {new['rows']:,} test pairs of which neither item is in the training file the AUC is "
            f"{_figures(new)}; over all test pairs the AUC is {number(metrics['test']['auc'])}. "
            "Expect the former on new items."
        )
    few = (
        f"{count(seen['neither'], 'test pair')} of {rows:,} {'is' if seen['neither'] == 1 else 'are'} of new items "
        "alone, too few to say what to expect on new items"
    )
    if metrics["new_items"]:
        return f"{few}. {_of_training_pairs(metrics['new_items'])}"
    return f"{few}: a test file with more of them would."


def _of_training_pairs(found: Document) -> str:
    known, new, against = found["known"], found["new"], found["against_known"]
    if known is None:
        return (
            f"No member knew the items of the {found['rows']:,} validation pairs: expect their figures, an AUC of "
            f"{_figures(new)}."
        )
    difference, ends = against["auc_difference"], against["interval"]
    scored = (
        f"So {found['rows']:,} training pairs were scored twice: by members that knew their items from other pairs "
        f"(AUC {_auc(known)}), and by one that was fitted without these items, and so on fewer pairs (AUC {_auc(new)})."
    )
    apart = f"the difference in AUC is {signed(difference)}"
    if ends is None:
        return scored
    apart += f", 95% interval {signed(ends[0])} to {signed(ends[1])}"
    if ends[0] <= 0 <= ends[1]:
        return f"{scored} The two can’t be told apart ({apart}): nothing speaks against the same figures on new items."
    which = "lower" if difference < 0 else "higher"
    return f"{scored} They differ ({apart}): expect the latter, {which} one on new items."


def _figures(part: Document) -> str:
    """AUC and share called right, with their intervals."""
    return f"{_auc(part)}, with {percent_with_interval(part['accuracy'], part['accuracy_interval'])} called right"


def _auc(part: Document) -> str:
    return with_interval(part["auc"], part["auc_interval"])

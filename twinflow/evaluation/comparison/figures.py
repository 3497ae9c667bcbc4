"""The figures of a comparison, asked by name."""

from collections.abc import Sequence

from twinflow.statistics.numbers import number, signed
from twinflow.system.json_files import Document


class Figures:
    """A comparison, asked by name.

    Args:
        compared: what `compare` returns.
    """

    undefined = "The test pairs are all of one class, so that no AUC is defined on them."

    def __init__(self, compared: Document) -> None:
        self.compared_document = compared
        self.systems: dict[str, Document] = {system["name"]: system for system in compared["systems"]}
        self.judged = compared["best"] is not None

    def auc(self, name: str) -> str:
        """Mean test AUC with its spread over seeds."""
        auc = self.systems[name]["test"]["auc"]
        return number(auc["mean"]) + ("" if auc["spread"] is None else f" ± {number(auc['spread'])}")

    def missing(self, *names: str) -> str | None:
        """Why a question over these systems has no answer; None where it has one."""
        absent = [name for name in names if name not in self.systems]
        if absent:
            return f"{listed(absent)} {'was' if len(absent) == 1 else 'were'} not fitted."
        return None if self.judged else self.undefined

    def compared(self, a: str, b: str) -> str:
        """Whether `a` is surely "better" or "worse" than `b` on the test pairs, or "alike"."""
        ends = self.compared_document["differences"][a][b]["interval"]
        if ends is None or ends[0] <= 0 <= ends[1]:
            return "alike"
        return "better" if ends[0] > 0 else "worse"

    def difference(self, a: str, b: str) -> str:
        """AUC of `a` minus that of `b`, with its interval."""
        return difference_text(self.compared_document["differences"][a][b])

    def best_of(self, names: Sequence[str]) -> str | None:
        """The one of `names` that ranks the validation rows best; None where none was fitted."""
        fitted = [name for name in names if name in self.systems]
        return max(fitted, key=lambda name: float(self.systems[name]["validation"]["auc"]["mean"]), default=None)


def difference_text(found: Document) -> str:
    """A difference of AUCs with its interval, as in +0.020 (95% interval +0.013 to +0.029)."""
    ends = found["interval"]
    sure = "" if ends is None else f" (95% interval {signed(ends[0])} to {signed(ends[1])})"
    return f"{signed(found['auc_difference'])}{sure}"


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

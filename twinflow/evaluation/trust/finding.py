"""What a rule found, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TRUSTED: Final = "can be trusted"
CARE: Final = "use with care"
NOT_TRUSTED: Final = "can't be trusted"
NOTE: Final = "good to know"  # it has a consequence, but none for the figures

WEIGHTS = (NOT_TRUSTED, CARE, NOTE)  # the heaviest first


@dataclass(frozen=True)
class Finding:
    """One thing to know before relying on a model.

    Args:
        rule: what was looked for, in a few words.
        weight: one of `WEIGHTS`.
        cause: what was found, a sentence.
        effect: what that does to figures or calls, a sentence.
        command: what to run next; None where no command helps.
    """

    rule: str
    weight: str
    cause: str
    effect: str
    command: str | None = None

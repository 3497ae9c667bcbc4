"""How the verdict on trust is shown: its headline, and the colour of what weighs as much."""

from twinflow.evaluation.trust.finding import CARE, NOT_TRUSTED, NOTE, TRUSTED

HEADLINES = {TRUSTED: "It can be trusted", CARE: "Use it with care", NOT_TRUSTED: "It can’t be trusted"}
COLOURS = {TRUSTED: "good", CARE: "careful", NOT_TRUSTED: "bad", NOTE: "minor"}  # classes of the style sheet

"""How the report writes numbers: in sentences, tables and plots alike."""

from collections.abc import Sequence

UNDEFINED = "undefined"


def number(value: float | None, digits: int = 3) -> str:
    """`value` with `digits` decimals and a true minus sign, or "undefined"."""
    return UNDEFINED if value is None else f"{value:,.{digits}f}".replace("-", "−")


def signed(value: float | None) -> str:
    """`value` with its sign, or "undefined"."""
    return UNDEFINED if value is None else f"{value:+.3f}".replace("-", "−")


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage, or "undefined"."""
    return UNDEFINED if value is None else f"{value:.{digits}%}".replace("-", "−")


def significant(value: float) -> str:
    """`value` with four significant digits, for scores, whose scale is the head's."""
    return f"{value:#.4g}".removesuffix(".").replace("-", "−")


def p_value(value: float | None) -> str:
    """A p-value with three decimals, the smallest as "< 0.001"."""
    return "< 0.001" if value is not None and value < 0.001 else number(value)


def interval(ends: Sequence[float] | None) -> str:
    """Two numbers, as in 0.838 to 0.885, or nothing where there is no interval."""
    return "" if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def percents(ends: Sequence[float] | None) -> str:
    """Two percentages, as in 83.8% to 88.5%, or nothing where there is no interval."""
    return "" if ends is None else f"{percent(ends[0])} to {percent(ends[1])}"


def with_interval(value: float | None, ends: Sequence[float] | None) -> str:
    """A number and its interval, as in 0.861, 95% interval 0.838 to 0.885; alone where there is none."""
    return number(value) if ends is None else f"{number(value)}, 95% interval {interval(ends)}"


def percent_with_interval(value: float | None, ends: Sequence[float] | None) -> str:
    """A percentage and its interval, as in 86.1% (83.8% to 88.5%); alone where there is none."""
    return percent(value) if ends is None else f"{percent(value)} ({percents(ends)})"


def count(value: int, noun: str) -> str:
    """A number of things, as in 1 pair or 2,000 pairs."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"

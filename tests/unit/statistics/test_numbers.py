"""Figures as people read them."""

from twinflow.statistics.numbers import (
    count,
    interval,
    number,
    p_value,
    percent,
    percent_with_interval,
    signed,
    significant,
    with_interval,
)  # fmt: skip


def test_numbers_as_people_read_them():
    assert number(-0.12345) == "−0.123"
    assert number(None) == percent(None) == signed(None) == "undefined"
    assert signed(0.0204) == "+0.020"
    assert percent(0.0625, 0) == "6%"
    assert [significant(x) for x in (-0.25, 1234.0, 12345.6)] == ["−0.2500", "1234", "1.235e+04"]
    assert (interval([0.1, 0.2]), interval(None)) == ("0.100 to 0.200", "")
    assert (p_value(1e-9), p_value(0.25), p_value(None)) == ("< 0.001", "0.250", "undefined")
    assert (count(1, "pair"), count(2000, "pair")) == ("1 pair", "2,000 pairs")
    assert with_interval(0.5, [0.4, 0.6]) == "0.500, 95% interval 0.400 to 0.600"
    assert percent_with_interval(0.5, [0.4, 0.6]) == "50.0% (40.0% to 60.0%)"
    assert (with_interval(None, None), percent_with_interval(0.5, None)) == ("undefined", "50.0%")

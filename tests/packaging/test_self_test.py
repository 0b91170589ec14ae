"""What the trial of a bundle calls the same, and what it does not."""

from __future__ import annotations

import pytest
import self_test
from trial import Unfit

_ROAD = self_test.Road({"training": [2.0, 4.0], "forecast": [0.0, 100.0]}, "print(1)\n")


def _with(**numbers):
    return self_test.Road(_ROAD.numbers | numbers, _ROAD.script)


def test_that_the_same_road_is_the_same():
    assert self_test.compared(_ROAD, _ROAD) == "4 numbers, largest difference 0e+00"


def test_that_differences_are_shares_of_the_largest_number():
    assert "5e-07" in self_test.compared(_with(forecast=[5e-5, 100.0]), _ROAD)
    with pytest.raises(Unfit, match="the forecast differ"):
        self_test.compared(_with(forecast=[5e-4, 100.0]), _ROAD)


def test_that_a_missing_number_is_a_difference():
    with pytest.raises(Unfit, match="1 numbers here, 2 there"):
        self_test.compared(_with(training=[2.0]), _ROAD)


def test_that_what_is_not_a_number_is_never_the_same():
    with pytest.raises(Unfit, match="not every number is finite"):
        self_test.compared(_with(training=[2.0, float("nan")]), _ROAD)


def test_that_another_script_is_a_difference():
    with pytest.raises(Unfit, match="different scripts"):
        self_test.compared(self_test.Road(_ROAD.numbers, "print(2)\n"), _ROAD)

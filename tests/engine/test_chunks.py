"""Chunks last about as long as somebody may wait for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsrnn_gui.engine.chunks import Chunks


def test_that_nothing_is_known_to_be_soon_over_before_it_was_tried() -> None:
    assert not Chunks().soon_over


@pytest.mark.parametrize(("seconds", "soon"), [(0.001, True), (0.1, True), (0.16, False), (3.0, False)])
def test_that_a_single_step_is_soon_over_only_where_it_was(seconds: float, soon: bool) -> None:
    chunks = Chunks()
    chunks.took(1, seconds)
    assert chunks.soon_over == soon


@given(st.lists(st.floats(1e-6, 10), min_size=1, max_size=30))
def test_that_a_chunk_said_to_be_soon_over_is_foreseen_to_last_no_longer_than_wanted(
    seconds_a_step: list[float],
) -> None:
    chunks = Chunks()
    for step_s in seconds_a_step:
        chunks.took(chunks.size, chunks.size * step_s)
        foreseen = chunks.size * step_s
        assert foreseen < 0.1501 if chunks.soon_over else foreseen > 0.1499

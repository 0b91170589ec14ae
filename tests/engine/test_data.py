"""Arrays as the programs read them: few sizes, no copies, an order that depends on seed and epoch alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tsrnn_gui.core.windows import Windowing, prepare


@pytest.mark.parametrize("size", [1, 63, 64, 65, 1000, 1461, 999_999, 10_000_000])
def test_that_a_size_is_rounded_up_by_an_eighth_at_most_and_stays_when_rounded_again(size: int) -> None:
    from tsrnn_gui.engine.data import bucket

    assert size <= bucket(size) <= max(64, size * 1.125)
    assert bucket(bucket(size)) == bucket(size)


def test_that_few_sizes_serve_all_series() -> None:
    from tsrnn_gui.engine.data import bucket

    assert len({bucket(size) for size in range(1, 10_000)}) < 80


@pytest.mark.parametrize("shuffle", [True, False])
def test_that_the_order_is_the_promised_permutation(shuffle: bool) -> None:
    from tsrnn_gui.engine.data import epoch_batches

    starts = np.arange(0, 300, 3, dtype=np.int32)
    order = np.random.default_rng([5, 7]).permutation(100) if shuffle else np.arange(100)
    batches = epoch_batches(starts, 32, 5, 7, shuffle).numpy()
    assert batches.shape[1] == 32
    np.testing.assert_array_equal(batches.ravel()[:100], starts[order])


def test_that_the_series_is_laid_down_once_and_read_in_place() -> None:
    from tsrnn_gui.engine.data import laid_down

    values = np.random.default_rng(0).normal(size=(500, 2))
    windowing = Windowing(inputs=("a", "b"), targets=("a", "b"), split=400)
    before = prepare(values, ("a", "b"), windowing)
    prepared, arrays = laid_down(before)
    assert arrays.inputs is arrays.targets
    np.testing.assert_array_equal(prepared.inputs, before.inputs)
    np.testing.assert_array_equal(arrays.inputs.numpy()[:500], before.inputs)
    other = prepare(values, ("a", "b"), Windowing(inputs=("a", "b"), targets=("b",), split=400))
    prepared, arrays = laid_down(other)
    np.testing.assert_array_equal(arrays.targets.numpy()[:500], other.targets)


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax", "window_relative"])
@pytest.mark.parametrize("sequence", [False, True])
def test_that_windows_gathered_inside_the_program_are_those_of_the_preview(
    make: Any, scaling: str, sequence: bool
) -> None:
    """What ``core.windows`` shows as a window, its level and its truth is what the network is given."""
    from tsrnn_gui.core.layers import GRU, Dense
    from tsrnn_gui.core.windows import in_units, levels, truth
    from tsrnn_gui.engine.build import form_of
    from tsrnn_gui.engine.data import laid_down
    from tsrnn_gui.engine.programs import Programs

    values = np.random.default_rng(0).normal(50, 9, size=(200, 3))
    columns = {"inputs": ("a", "b", "c"), "targets": ("c", "a"), "horizon": 3, "scaling": scaling}
    tried = make((GRU(3, return_sequences=sequence), Dense(6)), columns)
    prepared, arrays = laid_down(prepare(values, ("a", "b", "c"), tried.windowing))
    form = form_of(tried, prepared.level_steps)
    assert form.sequence == sequence
    starts = np.array([0, 17, 111], np.int32)
    windows, wanted = Programs(tried, form, False)._gathered(arrays.inputs, arrays.targets, starts)
    wanted = wanted.numpy().reshape(3, -1, 3, 2)
    units = in_units(prepared, wanted[:, -1], starts)
    np.testing.assert_allclose(units, truth(prepared, starts), rtol=1e-4)
    raw = np.stack([prepared.inputs[s : s + 8] for s in starts])
    if scaling == "window_relative":
        raw = raw - raw[:, -5:].mean(axis=1, keepdims=True)
        np.testing.assert_allclose(levels(prepared, starts)[0, 1], prepared.targets[3:8, 1].mean(), rtol=1e-5)
    np.testing.assert_allclose(windows.numpy(), raw, atol=1e-5)
    if sequence:
        first = in_units(prepared, wanted[:, 0], starts)
        np.testing.assert_allclose(first[1, 0], values[18, [2, 0]], rtol=1e-4)

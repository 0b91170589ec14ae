"""The programs of one design: train a chunk of steps, evaluate a batch."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tsrnn_gui.core.experiment import Experiment
from tsrnn_gui.engine.build import Form, form_of, loss_of, model_of, optimizer_of
from tsrnn_gui.engine.processor import wait_behind
from tsrnn_gui.wire.messages import Array

_KEPT = 4
_compilers = ThreadPoolExecutor(2, "compile", wait_behind)
_INT = tf.TensorSpec((), tf.int32)
_SUM = tf.TensorSpec((), tf.float64)
_RATE = tf.TensorSpec((), tf.float32)
_STARTS = tf.TensorSpec((None, None), tf.int32)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The values of a model's variables and of its optimizer's at one moment, as tensors."""

    variables: tuple[Any, ...]
    optimizer: tuple[Any, ...]

    @cached_property
    def packed(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """The same ready for a checkpoint; who asks first waits for the copying."""
        first, second = (
            tuple(Array.of(value.numpy()) for value in group) for group in (self.variables, self.optimizer)
        )
        return first, second

    @property
    def finite(self) -> bool:
        """Whether every weight is a number; looked at here, as each would be a kernel more to compile."""
        return all(np.isfinite(value.numpy()).all() for value in self.variables)


class Programs:
    """A model, its optimizer and the functions that run them; state lives in the variables.

    ``train(inputs, targets, scale, order, rate, count, start, stop, loss_sum, error_sum)`` takes the
    optimizer steps ``start`` … ``stop`` at the learning rate ``rate`` over the batches of ``order``
    (batches, batch) of which ``count`` windows are real, and gives (step reached, loss sum, error sum,
    values of all variables then); sums are over windows and run on from those given, so that chunks
    leave no trace in the numbers. ``snapshot`` reads the values from such an answer, which costs nothing.

    ``evaluate(inputs, targets, scale, starts, *values)`` gives one batch's (loss sum, error sum,
    outputs) with the ``values`` of a snapshot in place of the variables, so that training may go on;
    ``predict(window, *values)`` gives the outputs for a window that need not lie in the series.

    ``variables`` are the weights, then the state of the random generators, in a fixed order.

    ``rest`` is the size of the last, smaller batch where its windows must not be mixed with padding;
    otherwise 0.
    """

    def __init__(self, experiment: Experiment, form: Form, compiled: bool, rest: int = 0) -> None:
        self.form = form
        self._rest = rest
        self.model = model_of(experiment)
        self.optimizer = optimizer_of(experiment)
        self.optimizer.build(self.model.trainable_variables)
        self.variables = list(self.model.variables)
        self._loss = loss_of(experiment)
        self._fresh = [variable.numpy() for variable in self.optimizer.variables]
        inputs, targets = (
            tf.TensorSpec((None, width), tf.float32) for width in (form.features, form.targets)
        )
        chunk = (inputs, targets, tf.TensorSpec((form.targets,), tf.float32))
        batch = tf.TensorSpec((None, experiment.plan.batch), tf.int32)
        counts = (_RATE, _INT, _INT, _INT, _SUM, _SUM)
        self.train = Function(self._train, (*chunk, batch, *counts), compiled)
        values = tuple(tf.TensorSpec(variable.shape, variable.dtype) for variable in self.variables)
        part = tf.TensorSpec((None,), tf.int32)
        self.evaluate = Function(self._evaluate, (*chunk, part, *values), False)
        self._tracing = threading.Lock()
        self._pending: dict[str, Future[object]] = {}

    def snapshot(self, values: Sequence[Any] = ()) -> Snapshot:
        """Give the variables' and the optimizer's values as ``train`` gave them, or as they are now."""
        values = values or self._values()
        count = len(self.variables)
        return Snapshot(tuple(values[:count]), tuple(values[count:]))

    def put(self, snapshot: Snapshot) -> None:
        """Set all variables, the optimizer's too, to what they were at ``snapshot``."""
        values = (*snapshot.variables, *snapshot.optimizer)
        for variable, value in zip((*self.variables, *self.optimizer.variables), values, strict=True):
            variable.assign(value)

    def predict(self, window: NDArray[np.float32], *values: Any) -> NDArray[np.float32]:
        """Give (horizon, targets) after ``window`` (window, features), as ``evaluate`` does at a series' end.

        What follows is not known, so zeros stand for it: they count in the sums alone.
        """
        form = self.form
        rows = np.zeros((form.window + form.horizon, form.features), np.float32)
        rows[: form.window] = window
        unknown = np.zeros((len(rows), form.targets), np.float32)
        scale, starts = np.ones(form.targets, np.float32), np.zeros(1, np.int32)
        outputs: NDArray[np.float32] = self.evaluate(rows, unknown, scale, starts, *values)[2].numpy()
        return outputs.reshape(form.horizon, form.targets)

    def gradient_norms(
        self, inputs: Any, targets: Any, starts: Any
    ) -> tuple[NDArray[np.float32], tuple[tuple[int, float | None], ...]]:
        """Give each window's loss and the L2 norm of the mean loss's gradient by layer, (place, norm)."""
        windows, wanted = self._gathered(inputs, targets, tf.constant(starts))
        with tf.GradientTape() as tape:
            outputs = self.model(windows, training=True)
            losses = self._loss.call(wanted, outputs)
            losses = tf.reduce_mean(losses, axis=1) if self.form.sequence else losses
            loss = tf.reduce_mean(losses)
        layers = [layer.trainable_variables for layer in self.model.layers]
        gradients = tape.gradient(loss, [[variable.value for variable in layer] for layer in layers])
        norms = [
            (place, float(tf.linalg.global_norm(layer))) for place, layer in enumerate(gradients) if layer
        ]
        return losses.numpy(), tuple((place, norm if np.isfinite(norm) else None) for place, norm in norms)

    def compile(
        self, training: Callable[[], object], validating: Callable[[], object], stopped: Callable[[], bool]
    ) -> bool:
        """Make training ready by running the action beside this thread; False when ``stopped``.

        Validating is made ready meanwhile, and waited for by ``settle``. Compiling cannot be broken
        off: it then goes on by itself, and the next run waits for it.
        """
        self._pending = {
            "train": _compilers.submit(self._made_ready, training, self.train),
            "validate": _compilers.submit(self._made_ready, validating, self.evaluate),
        }
        return self.settle(stopped, "train")

    def settle(self, stopped: Callable[[], bool] = lambda: False, *names: str) -> bool:
        """Wait until what is being compiled is ready, all of it without a name; False when ``stopped``."""
        for name in names or tuple(self._pending):
            while name in self._pending and not wait((self._pending[name],), timeout=0.02).done:
                if stopped():
                    return False
            made = self._pending.pop(name, None)
            if made is not None:
                made.result()
        return True

    def _made_ready(self, action: Callable[[], object], *functions: Function) -> None:
        """Keras layers keep notes on themselves while they are traced: one function at a time."""
        with self._tracing:
            for function in functions:
                function.trace()
        action()

    def reset(self, experiment: Experiment) -> None:
        """Put everything back to where a fresh build with the plan's seed starts."""
        wait(self._pending.values())
        self._pending.clear()
        fresh = model_of(experiment)
        for old, new in zip(self.variables, fresh.variables, strict=True):
            old.assign(new.value)
        for old, value in zip(self.optimizer.variables, self._fresh, strict=True):
            old.assign(value)

    def _values(self) -> list[Any]:
        read = tf.identity if tf.executing_eagerly() else tf.convert_to_tensor
        return [read(variable.value) for variable in (*self.variables, *self.optimizer.variables)]

    def _train(self, inputs: Any, targets: Any, scale: Any, order: Any, rate: Any, count: Any,
               start: Any, stop: Any, loss_sum: Any, error_sum: Any) -> Any:  # fmt: skip
        self.optimizer.learning_rate.assign(rate)

        def steps(stop: Any, size: int, begun: Any) -> Any:
            def more(step: Any, loss: Any, _: Any) -> Any:
                return tf.logical_and(step < stop, tf.math.is_finite(loss))

            def body(step: Any, loss: Any, error: Any) -> Any:
                starts = tf.gather(order, step)[:size]
                real = tf.cast(step * order.shape[1] + tf.range(size) < count, tf.float32)
                more_loss, more_error = self._step(inputs, targets, scale, starts, real)
                return (
                    step + 1,
                    loss + tf.cast(more_loss, tf.float64),
                    error + tf.cast(more_error, tf.float64),
                )

            return tf.while_loop(more, body, begun)

        begun = (start, loss_sum, error_sum)
        if self._rest:  # a shape of its own: what mixes windows must not mix padding in
            begun = steps(tf.minimum(stop, count // order.shape[1]), order.shape[1], begun)
        step, loss, error = steps(stop, self._rest or order.shape[1], begun)
        return step, loss, error, self._values()

    def _step(self, inputs: Any, targets: Any, scale: Any, starts: Any, real: Any) -> Any:
        """Take one optimizer step on the mean loss over the real windows; give sums over them."""
        windows, wanted = self._gathered(inputs, targets, starts)
        with tf.GradientTape() as tape:
            outputs = self.model(windows, training=True)
            loss_sum = self._loss_sum(wanted, outputs, real)
            loss = loss_sum / tf.reduce_sum(real)
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, [v.value for v in weights])
        self.optimizer.apply(gradients, weights)
        return loss_sum, self._error_sum(wanted, outputs, real, scale)

    def _evaluate(self, inputs: Any, targets: Any, scale: Any, starts: Any, *values: Any) -> Any:
        windows, wanted = self._gathered(inputs, targets, starts)
        outputs = self._foreseen(values, windows)
        real = tf.ones(tf.shape(starts), tf.float32)
        loss = self._loss_sum(wanted, outputs, real)
        return loss, self._error_sum(wanted, outputs, real, scale), self._last(outputs)

    def _foreseen(self, values: tuple[Any, ...], windows: Any) -> Any:
        known = {id(variable): value for variable, value in zip(self.variables, values, strict=True)}
        trained = [known[id(variable)] for variable in self.model.trainable_variables]
        others = [known[id(variable)] for variable in self.model.non_trainable_variables]
        return self.model.stateless_call(trained, others, windows, training=False)[0]

    def _gathered(self, inputs: Any, targets: Any, starts: Any) -> tuple[Any, Any]:
        """Cut windows and what follows them, taken relative to their level where there is one."""
        form = self.form
        rows = starts[:, None] + tf.range(form.window)
        windows = tf.gather(inputs, rows)
        ahead = tf.range(form.horizon)
        ahead += tf.range(1, form.window + 1)[:, None] if form.sequence else form.window
        wanted = tf.gather(targets, tf.reshape(starts, (-1,) + (1,) * len(ahead.shape)) + ahead)
        if form.level_steps:
            last = tf.gather(targets, rows[:, -form.level_steps :])
            level = tf.reduce_mean(last, axis=1)
            wanted -= tf.reshape(level, (-1,) + (1,) * len(ahead.shape) + (form.targets,))
            windows -= tf.reduce_mean(windows[:, -form.level_steps :], axis=1, keepdims=True)
        steps = (form.window,) if form.sequence else ()
        wanted = tf.reshape(wanted, (-1, *steps, form.width))
        return windows if form.features_axis else windows[:, :, 0], wanted

    def _loss_sum(self, wanted: Any, outputs: Any, real: Any) -> Any:
        """Sum each real window's loss, for a sequence the mean over its steps.

        What Masking leaves out counts nothing; the others of the batch then count for it, as in ``fit``.
        """
        losses = self._loss.call(wanted, outputs)
        mask = getattr(outputs, "_keras_mask", None)
        if mask is not None:
            shares = tf.cast(mask, tf.float32) * (real[:, None] if self.form.sequence else real)
            mean = tf.math.divide_no_nan(tf.reduce_sum(losses * shares), tf.reduce_sum(shares))
            return mean * tf.reduce_sum(real)
        if self.form.sequence:
            losses = tf.reduce_mean(losses, axis=1)
        return tf.reduce_sum(losses * real)

    def _error_sum(self, wanted: Any, outputs: Any, real: Any, scale: Any) -> Any:
        """Sum each real window's mean absolute error in units, of its last step's forecast."""
        error = tf.abs(self._last(outputs) - self._last(wanted))
        error = tf.reshape(error, (-1, self.form.horizon, self.form.targets)) * scale
        return tf.reduce_sum(tf.reduce_mean(error, axis=(1, 2)) * real)

    def _last(self, outputs: Any) -> Any:
        return outputs[:, -1] if self.form.sequence else outputs


class Function:
    """A function of tensors for one signature; called as its one trace, which spares looking it up.

    AutoGraph reads source code, which a frozen program does not have: it stays off.
    """

    def __init__(self, body: Callable[..., Any], signature: tuple[Any, ...], compiled: bool) -> None:
        self._signature = signature
        self._function = tf.function(body, input_signature=signature, autograph=False, jit_compile=compiled)
        self._traced: Any = None

    def trace(self) -> None:
        """Make the graph, unless it is made."""
        if self._traced is None:
            self._traced = self._function.get_concrete_function()

    def __call__(self, *arguments: Any) -> Any:
        self.trace()
        given = zip(arguments, self._signature, strict=True)
        return self._traced(*(tf.convert_to_tensor(value, spec.dtype) for value, spec in given))


class Shelf:
    """The programs of the designs used last; the same design finds its own and compiles nothing."""

    def __init__(self) -> None:
        self._programs: OrderedDict[Any, Programs] = OrderedDict()

    def programs(self, experiment: Experiment, level_steps: int, compiled: bool, windows: int) -> Programs:
        """Give the programs that train on ``windows``, their variables as fresh from the plan's seed."""
        form, plan = form_of(experiment, level_steps), experiment.plan
        rest = windows % plan.batch if any(layer.mixes_windows for layer in experiment.stack) else 0
        key = (experiment.stack, form, plan.loss, plan.optimizer, plan.clip_norm, plan.batch, compiled, rest)
        found = self._programs.pop(key, None)
        if found is None:
            found = Programs(experiment, form, compiled, rest)
        else:
            found.reset(experiment)
        self._programs[key] = found
        while len(self._programs) > _KEPT:
            self._programs.popitem(last=False)
        return found

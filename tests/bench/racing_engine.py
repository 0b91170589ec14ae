"""An engine without TensorFlow that ends epochs at a given pace: ``racing_engine.py EPOCHS_A_SECOND``.

It speaks as the real one does: every epoch is told, validation forecasts go out at most ten times a
second and checkpoints at most twice.
"""

from __future__ import annotations

import queue
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.app import fake_engine as fake
from tsrnn_gui.wire import messages as m

_KNOWN = 16


class Race(fake.Run):
    """A run whose epochs end on time, in bursts where the clock is too coarse."""

    def train(self) -> None:
        run, plan = self.request.run, self.request.experiment.plan
        fake.say(m.Started(run, weights=4961, steps_per_epoch=31, training_windows=980,
                           validation_windows=len(self.origins)))  # fmt: skip
        known = [self.one_step(epoch) for epoch in range(_KNOWN)]
        errors = [self.error(epoch) for epoch in range(_KNOWN)]
        begun, done, forecast, kept = time.perf_counter(), 0, 0.0, 0.0
        while done < plan.epochs and not self.halted():
            due = min(plan.epochs, int((time.perf_counter() - begun) * self.pace))
            for epoch in range(done, due):
                error = errors[epoch % _KNOWN]
                fake.say(m.EpochEnded(run, epoch=epoch, loss=error, mae=error, val_loss=error, val_mae=error,
                                      learning_rate=plan.learning_rate, seconds=1 / self.pace,
                                      best=epoch % 50 == 0))  # fmt: skip
            done = max(done, due)
            now = time.perf_counter()
            if done and now > forecast + 0.1:
                forecast = now
                fake.say(m.ValidationForecast(run, epoch=done - 1, values=m.Array.of(known[done % _KNOWN])))
            if done and now > kept + 0.5:
                kept = now
                fake.say(m.Checkpoint(run, epoch=done - 1, best=False, state=bytes(60_000)))
            time.sleep(0.0005)
        self.forecast(0)
        reason = "completed" if done == plan.epochs else "stopped"
        fake.say(m.Finished(run, reason=reason, epochs_done=done, best_epoch=0))

    def halted(self) -> bool:
        try:
            return isinstance(fake.said.get_nowait(), m.Stop | None)
        except queue.Empty:
            return False


if __name__ == "__main__":
    fake.Run = Race
    fake.main("good", float(sys.argv[1]))

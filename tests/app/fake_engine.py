"""An engine without TensorFlow for tests: speaks frames, plays the scene named on the command line."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from pathlib import Path

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tsrnn_gui.core.series import Series
from tsrnn_gui.core.validation import validation_origins
from tsrnn_gui.core.windows import filled
from tsrnn_gui.wire import messages as m
from tsrnn_gui.wire.frames import read_frame, write_frame

said: queue.Queue[m.Request | None] = queue.Queue()
pipe = sys.stdout.buffer


def say(event: m.Event) -> None:
    write_frame(pipe, m.encoded(event))


def listen() -> None:
    while (data := read_frame(sys.stdin.buffer)) is not None:
        said.put(m.decoded_request(data))
    said.put(None)


def series_of(request: m.Train | m.Forecast) -> Series:
    values = np.asarray(request.data.values.unpacked(), dtype=np.float64)
    return Series("fake", values, request.data.columns, np.arange(len(values)))


class Run:
    count = 0

    def __init__(self, request: m.Train | m.Forecast, scene: str, pace: float) -> None:
        self.request, self.scene, self.pace = request, scene, pace
        self.series, self.windowing = series_of(request), request.experiment.windowing
        self.origins = validation_origins(self.series, self.windowing)
        columns = [request.data.columns.index(name) for name in self.windowing.targets]
        rule = "linear" if self.windowing.missing == "refuse" else self.windowing.missing
        self.values = filled(self.series.values[:, columns], rule)

    def one_step(self, epoch: int) -> np.ndarray:
        before, older = self.values[self.origins - 1], self.values[self.origins - 2]
        share = 0.9 * 0.8**epoch
        return before * (1 - share) + older * share + 0.2 * (self.values[self.origins] - before)

    def error(self, epoch: int) -> float:
        return float(np.mean(np.abs(self.one_step(epoch) - self.values[self.origins])))

    def halted(self) -> bool:
        """Take in what was said since; hold while paused."""
        paused = False
        while True:
            try:
                word = said.get(block=paused)
            except queue.Empty:
                return False
            match word:
                case None | m.Stop():
                    return True
                case m.Pause():
                    paused = True
                case m.Continue():
                    paused = False

    def train(self) -> None:
        run, plan = self.request.run, self.request.experiment.plan
        say(
            m.Started(
                run,
                weights=4961,
                steps_per_epoch=31,
                training_windows=980,
                validation_windows=len(self.origins),
                first_epoch=self.request.past.until if self.request.past is not None else 0,
            )
        )
        first = self.request.past.until if self.request.past is not None else 0
        reason, done, best, unit = "completed", 0, 0, float(np.std(self.values)) or 1.0
        rate = plan.learning_rate
        for epoch in range(first, plan.epochs):
            for step in (10, 20, 31):
                time.sleep(self.pace / 3)
                say(m.Progress(run, epoch=epoch, step=step, steps=31))
            if self.scene == "dies" and epoch == 2:
                print("out of memory", file=sys.stderr, flush=True)
                os._exit(3)
            if self.scene == "explodes" and epoch == 3:
                say(
                    m.EpochEnded(
                        run,
                        epoch=epoch,
                        loss=None,
                        mae=None,
                        val_loss=None,
                        val_mae=None,
                        learning_rate=rate,
                        seconds=self.pace,
                    )
                )
                reason, done = "exploded", epoch + 1
                break
            error = self.error(epoch)
            if epoch < 12 or epoch % 7 == 0:
                best = epoch
            say(
                m.EpochEnded(
                    run,
                    epoch=epoch,
                    loss=1.1 * error / unit * 0.97**epoch,
                    mae=error,
                    val_loss=error / unit,
                    val_mae=error,
                    learning_rate=plan.schedule.rate(rate, epoch, plan.epochs),
                    seconds=max(self.pace, 0.001),
                    best=best == epoch,
                )
            )
            say(m.ValidationForecast(run, epoch=epoch, values=m.Array.of(self.one_step(epoch))))
            say(m.Checkpoint(run, epoch=epoch, best=best == epoch, state=b"weights"))
            done = epoch + 1
            if self.halted():
                reason = "stopped"
                break
        self.forecast(best)
        advice = "Try a smaller learning rate." if reason == "exploded" else ""
        Run.count += 1
        held = Run.count * 10**9 if self.scene == "hoards" else 0
        ends = self.scene == "gives up"
        ending = m.Finished(run, reason=reason, epochs_done=done, best_epoch=best, advice=advice)
        say(msgspec.structs.replace(ending, memory_bytes=held, engine_ends=ends))
        if ends:
            os._exit(0)

    def forecast(self, epoch: int) -> None:
        w, steps = self.windowing, self.request.future_steps
        first = self.one_step(epoch)
        growth = np.arange(w.horizon)[None, :, None] * 0.0
        wave = np.sin(np.arange(steps) / 3.0)[:, None] * np.std(self.values) * 0.2
        say(
            m.ForecastMade(
                self.request.run,
                epoch=epoch,
                origins=m.Array.of(self.origins),
                validation=m.Array.of(first[:, None, :] + growth),
                future=m.Array.of(self.values[-1] + wave),
                recursive=steps > w.horizon,
            )
        )


def main(scene: str = "good", pace: float = 0.003) -> None:
    if scene == "stillborn":
        print("no such library", file=sys.stderr, flush=True)
        sys.exit(1)
    if scene == "mute":
        sys.stdin.buffer.read()
        return
    threading.Thread(target=listen, daemon=True).start()
    say(m.Ready(tensorflow="2.21.0", keras="3.15.1", cores=2, pid=os.getpid()))
    while (request := said.get()) is not None:
        match request:
            case m.Train() if scene == "refuses":
                say(m.Failed(request.run, text="The network is too large.", hint="Use fewer units."))
            case m.Train():
                Run(request, scene, pace).train()
            case m.Forecast():
                if request.saved:
                    say(m.Checkpoint(request.run, epoch=-1, best=True, state=request.saved))
                Run(request, scene, pace).forecast(0)
                say(m.Finished(request.run, reason="completed", epochs_done=0, best_epoch=None))
            case m.Export(format="onnx"):
                say(m.Failed(request.run, text="tf2onnx is not installed.", hint="Install it."))
            case m.Export():
                files = {".any": request.state, ".keras.json": b"{}"}
                say(m.Exported(request.run, files=files, difference=2e-7, windows=96))
            case _:
                pass


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(float, sys.argv[2:3]))

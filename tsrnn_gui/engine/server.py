"""The engine's loop: one thread listens, the main thread serves request after request."""

from __future__ import annotations

import gc
import os
import queue
import sys
import threading
import traceback
from typing import BinaryIO

import keras
import msgspec
import tensorflow as tf

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.engine.service import Service
from tsrnn_gui.engine.steering import Steering
from tsrnn_gui.wire.frames import BrokenFrame, read_frame, write_frame
from tsrnn_gui.wire.messages import (
    Continue,
    Event,
    Failed,
    Pause,
    Ready,
    Request,
    Stop,
    decoded_request,
    encoded,
)

# The thread that trains must not wait long for the one that validates or listens.
_SWITCH_S = 0.0005
# Tracing makes some hundred thousand objects, nearly all of which stay: looking through them in between is
# a tenth of its time. What a request leaves behind is collected when it is served.
_COLLECTED_AFTER = (50_000, 20, 20)
_OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


class Server:
    """Reads requests from one pipe and writes events to the other until the first one ends."""

    def __init__(self, requests: BinaryIO, events: BinaryIO) -> None:
        self._in = requests
        self._out = events
        self._writing = threading.Lock()
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._steering = Steering()
        self._service = Service(self.send, self._steering)

    def run(self) -> None:
        """Serve for ever; the listening thread ends the process when its pipe does."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._service.warm_up()
        gc.collect()
        sys.setswitchinterval(_SWITCH_S)
        gc.freeze()  # what TensorFlow's import made stays for good: looking through it again costs 0.2 s
        gc.set_threshold(*_COLLECTED_AFTER)
        self.send(
            Ready(
                tensorflow=tf.__version__, keras=keras.__version__, cores=os.cpu_count() or 1, pid=os.getpid()
            )
        )
        while True:
            self._serve(self._waiting.get())

    def send(self, event: Event) -> None:
        """Write ``event``; when nobody reads any more there is nothing left to do."""
        try:
            with self._writing:
                write_frame(self._out, encoded(event))
        except OSError:
            os._exit(0)

    def _serve(self, request: Request) -> None:
        try:
            self._service.serve(request)
        except TsrnnError as error:
            self.send(Failed(request.run, text=error.text, hint=error.hint, details=error.details))
        except Exception as error:  # whatever Keras raises, the next request deserves an answer
            self.send(failure(request.run, error))
        finally:
            self._steering.forget(request.run)
        if self._steering.gave_up:
            os._exit(0)  # nothing else ends a program of TensorFlow's

    def _listen(self) -> None:
        """A separate thread, so that a stop is heard while a chunk runs."""
        while True:
            try:
                data = read_frame(self._in)
            except (BrokenFrame, OSError):
                data = None
            if data is None:
                os._exit(0)
            try:
                request = decoded_request(data)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                self.send(Failed(text="The engine was asked something it does not know.", details=str(error)))
                continue
            if isinstance(request, Stop | Pause | Continue):
                self._steering.heard(request)
            else:
                self._waiting.put(request)
            del data, request  # a long series is not held while the next request is awaited


def failure(run: str, error: Exception) -> Failed:
    """Say in one sentence what went wrong, with the traceback as details."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, _OUT_OF_MEMORY) or "out of memory" in str(error).lower():
        return Failed(
            run,
            text="The computer's memory is not enough for this model and batch.",
            hint="Use a smaller batch, window or number of units.",
            details=details,
        )
    first = str(error).strip().splitlines()[:1]
    return Failed(
        run,
        text=f"TensorFlow could not do this: {first[0] if first else type(error).__name__}",
        hint="Change the stack or the plan and train again; details tell what was tried.",
        details=details,
    )


def serve(requests: BinaryIO, events: BinaryIO) -> None:
    """Serve requests until the pipe they come from ends."""
    Server(requests, events).run()

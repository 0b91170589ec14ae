"""The engine as a value that answers: start it, ask it, iterate its events, stop it, kill it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.wire.frames import BrokenFrame, read_frame, write_frame
from tsrnn_gui.wire.messages import (
    ENDINGS,
    Continue,
    Event,
    Failed,
    Pause,
    Ready,
    Request,
    Stop,
    decoded_event,
    encoded,
)

_LAST_WORDS = 60


def engine_command() -> list[str]:
    """Give the command that starts the engine: a sibling program when frozen, else this Python."""
    if getattr(sys, "frozen", False):
        suffix = ".exe" if os.name == "nt" else ""
        return [str(Path(sys.executable).with_name(f"tsrnn-engine{suffix}"))]
    return [sys.executable, "-m", "tsrnn_gui.engine"]


class Engine:
    """One engine process.

    ``ask`` is called by one thread at a time; ``stop_run``, ``pause``, ``resume`` and ``kill`` by any.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = list(command) if command is not None else engine_command()
        self._process: subprocess.Popen[bytes] | None = None
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._listener: threading.Thread | None = None
        self._writing = threading.Lock()
        self._closing = False
        self.ready: Ready | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None before the start."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and return at once. Raises TsrnnError if it cannot be started."""
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=flags,
                start_new_session=os.name == "posix",  # a Ctrl+C in a terminal is for the command, not for it
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            raise TsrnnError(
                "The engine could not be started.",
                hint="Set the program up again; its engine is missing or not executable.",
                details=f"{self._command}: {error}",
            ) from error
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    def wait_ready(self) -> Ready:
        """Block until the engine has said that it is ready. Raises TsrnnError if it dies instead."""
        if self.ready is None:
            event = self._next()
            if not isinstance(event, Ready):
                failed = event if isinstance(event, Failed) else self._gone()
                raise TsrnnError(failed.text, failed.hint, failed.details)
            self.ready = event
        return self.ready

    def ask(self, request: Request) -> Iterator[Event]:
        """Send ``request`` and yield its events; the last is one of ENDINGS.

        A dead engine is a Failed event with its last words; nothing is raised.
        """
        try:
            self.wait_ready()
            self._send(request)
        except TsrnnError as error:
            yield Failed(
                request.run, text=error.text, hint=error.hint, details=error.details, engine_gone=True
            )
            return
        except (OSError, BrokenFrame):
            yield msgspec.structs.replace(self._gone(), run=request.run)
            return
        while True:
            event = self._next()
            if event.run not in ("", request.run):
                continue
            if isinstance(event, Failed) and not event.run:
                event = msgspec.structs.replace(event, run=request.run)
            yield event
            if isinstance(event, ENDINGS):
                return

    def stop_run(self, run: str) -> None:
        """Ask the run to stop and keep what it learned."""
        self._say(Stop(run))

    def pause(self, run: str) -> None:
        """Ask the run to hold."""
        self._say(Pause(run))

    def resume(self, run: str) -> None:
        """Ask a paused run to go on."""
        self._say(Continue(run))

    def close(self, timeout: float = 3.0) -> None:
        """End the engine by closing its input; kill it if it does not go within ``timeout`` seconds."""
        if self._process is None:
            return
        self._closing = True
        with suppress(OSError):
            cast(BinaryIO, self._process.stdin).close()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the engine now."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _say(self, request: Request) -> None:
        """A dead engine needs no stopping; its death is told by ``ask``."""
        with suppress(OSError, BrokenFrame, ValueError):
            self._send(request)

    def _send(self, request: Request) -> None:
        if self._process is None:
            raise OSError("the engine was not started")
        with self._writing:
            write_frame(cast(BinaryIO, self._process.stdin), encoded(request))

    def _next(self) -> Event:
        assert self._process is not None
        try:
            data = read_frame(cast(BinaryIO, self._process.stdout))
        except BrokenFrame as error:
            return self._garbled(str(error))
        except (OSError, ValueError):
            data = None
        if data is None:
            return self._gone()
        try:
            return decoded_event(data)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return self._garbled(str(error))

    def _garbled(self, why: str) -> Failed:
        """After nonsense on the wire nothing that follows can be trusted."""
        self.kill()
        return Failed(
            text="The engine said something that cannot be understood and was ended.",
            hint="Train again: a new engine is started.",
            details=f"{why}\n{self._words()}",
            engine_gone=True,
        )

    def _gone(self) -> Failed:
        if self._closing:
            return Failed(
                text="The program was closed while the run was under way.",
                hint="Every finished epoch is kept. Continue the run to train what is left.",
                engine_gone=True,
            )
        code = None
        if self._process is not None:
            try:
                code = self._process.wait(2.0)
            except subprocess.TimeoutExpired:
                self.kill()
        memory = code in (-9, 137)
        return Failed(
            text=f"The engine ended unexpectedly ({_ending(code)}).",
            hint="If memory ran out, use a smaller batch, window or number of units. "
            "Every finished epoch is kept; train again to go on."
            if memory
            else "Every finished epoch is kept. Train again: a new engine is started.",
            details=self._words(),
            engine_gone=True,
        )

    def _words(self) -> str:
        if self._listener is not None:
            self._listener.join(1.0)
        return "\n".join(self._last_words)

    def _listen(self, stderr: IO[bytes]) -> None:
        for line in stderr:
            self._last_words.append(line.decode("utf-8", "replace").rstrip())


def _ending(code: int | None) -> str:
    if code is None:
        return "no exit code"
    return f"signal {-code}" if code < 0 else f"exit code {code}"

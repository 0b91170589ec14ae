"""One window a project: whoever wants a project that is open somewhere asks its window to come forward."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_ANSWER_MS = 5000
_TOKEN = "XDG_ACTIVATION_TOKEN"


class Door(QObject):
    """Where the window of a project hears that it is wanted."""

    knocked = Signal()

    def __init__(self, path: Path) -> None:
        """Listen for those who want the project at ``path``; the caller made sure that nobody else does."""
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        if name := _address(path):
            QLocalServer.removeServer(name)  # what a killed window left
            self._server.listen(name)

    def close(self) -> None:
        """Hear nobody any more."""
        self._server.close()

    def _greet(self) -> None:
        """Say who is here, so that the other can let this process come before its own."""
        while guest := self._server.nextPendingConnection():
            guest.disconnected.connect(guest.deleteLater)
            guest.readyRead.connect(lambda guest=guest: self._let_in(guest))
            guest.write(b"%d\n" % os.getpid())
            if guest.canReadLine():
                self._let_in(guest)

    def _let_in(self, guest: QLocalSocket) -> None:
        if not guest.canReadLine():
            return
        if token := _read(guest):
            os.environ[_TOKEN] = token
        self.knocked.emit()
        guest.write(b"here\n")
        guest.disconnectFromServer()


def came_forward(path: Path) -> bool:
    """Ask the window that has the project at ``path`` to come forward; False if none has or none answers."""
    name = _address(path)
    guest = QLocalSocket()
    guest.connectToServer(name)
    if not name or not guest.waitForConnected(_ANSWER_MS):
        return False
    try:
        _give_way(int(_line(guest)))
        guest.write(os.environ.get(_TOKEN, "").encode("ascii", "replace") + b"\n")
        guest.waitForBytesWritten(_ANSWER_MS)
        return _line(guest) == "here"
    except ValueError:
        return False


def _line(guest: QLocalSocket) -> str:
    while not guest.canReadLine():
        if not guest.waitForReadyRead(_ANSWER_MS):
            return ""
    return _read(guest)


def _read(guest: QLocalSocket) -> str:
    return bytes(guest.readLine().data()).decode("ascii", "replace").strip()


def _give_way(pid: int) -> None:
    """Windows lets a program come forward only if the one that was clicked allows it."""
    if sys.platform == "win32":
        import ctypes

        with contextlib.suppress(OSError):
            ctypes.windll.user32.AllowSetForegroundWindow(pid)


def _address(path: Path) -> str:
    """Give the name under which the project at ``path`` is reached; empty where no safe one exists."""
    whole = os.path.normcase(path.resolve()).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(whole).hexdigest()[:24]
    if sys.platform == "win32":
        return f"tsrnn-{os.environ.get('USERNAME', '')}-{digest}"
    folder = _own_folder()
    return str(folder / digest) if folder is not None else ""


def _own_folder() -> Path | None:
    """A folder for this user's sockets that nobody else can write; short, as a socket's path must be."""
    for place in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()):
        if place and _is_own(folder := Path(place) / f"tsrnn-{os.getuid()}"):
            return folder
    return None


def _is_own(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077

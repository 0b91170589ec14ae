"""Gives programs that this one starts the user's own library path: ours was read when this process began."""

import os

_VARIABLE = "LD_LIBRARY_PATH"
_own = os.environ.pop(f"{_VARIABLE}_ORIG", None)
if _own is not None:
    os.environ[_VARIABLE] = _own
else:
    os.environ.pop(_VARIABLE, None)

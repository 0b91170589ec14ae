"""The frozen engine program."""

import multiprocessing
import sys
import types

# TensorFlow imports these at its start: 21 MB to profile over a network, 12 MB for TensorFlow Lite.
UNUSED = (
    "tensorflow.python.profiler.internal._pywrap_profiler_plugin",
    "tensorflow._api.v2.lite",
    "tensorflow._api.v2.compat.v1.lite",
    "tensorflow._api.v2.compat.v2.lite",
)
# They lie in the same folder for the window, where Python would take them for packages without code.
THE_WINDOWS = ("pyarrow", "PySide6", "shiboken6", "pyqtgraph")

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.modules.update({name: types.ModuleType(name) for name in UNUSED})
    sys.modules.update(dict.fromkeys(THE_WINDOWS))  # type: ignore[arg-type]
    from tsrnn_gui.engine.__main__ import main

    main()

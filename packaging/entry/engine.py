"""The frozen engine program."""

import multiprocessing
import sys
import types

# TensorFlow imports this at its start for profiling over a network, which needs 21 MB that nobody uses.
UNUSED = "tensorflow.python.profiler.internal._pywrap_profiler_plugin"

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.modules[UNUSED] = types.ModuleType(UNUSED)
    from tsrnn_gui.engine.__main__ import main

    main()

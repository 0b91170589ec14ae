"""How the engine may use the processor: TensorFlow reads it once, at its import."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path

# The recurrent layers of a lesson are thousands of tiny products a second: handing each to a second
# thread costs more than it saves (measured up to 128 units; from about 512 on two threads win).
# Level 3 makes the forward pass of an LSTM three times slower than level 2 and trains no faster.
# Keras would read its settings from the user's home, which may change every number, and write them there:
# what cannot be a folder keeps it from both.
_DEFAULTS = {
    "KERAS_HOME": os.path.join(os.devnull, "keras"),
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_NUM_INTRAOP_THREADS": "1",
    "XLA_FLAGS": "--xla_backend_optimization_level=2 --xla_cpu_prefer_vector_width=512 "
    "--xla_cpu_copy_insertion_use_region_analysis=true",
}


_NICENESS = 5
_LAST = 19
_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS of the Windows API


def configure() -> None:
    """Set what is not set already, so that all of it can be overruled from outside."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)


def wait_behind() -> None:
    """Let the engine's other threads go before the calling one (Linux, which weighs threads).

    XLA compiles kernels on threads of its own. The thread that hands them out makes a compiler for each
    that is still waiting, a tenth of all its work, unless they are taken as soon as they come.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LAST)


def step_back() -> None:
    """Let windows go first where both want a core; alone on the machine the engine is as fast as ever."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
        return
    os.nice(_NICENESS)
    # Linux weighs sessions, where nothing else groups processes; the engine has one of its own.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))

"""How much memory this process holds."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def resident_bytes() -> int:
    """Give the bytes of this process that lie in memory now; 0 where the system does not say."""
    if sys.platform == "win32":
        return _on_windows()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource  # macOS counts the peak in bytes and offers nothing nearer without a dependency

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API; only the working set is read."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        *((name, ctypes.c_size_t) for name in ("peak", "working_set", "a", "b", "c", "d", "e", "f")),
    ]


def _on_windows() -> int:
    counters = _Counters(size=ctypes.sizeof(_Counters))
    kernel = ctypes.CDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    read = kernel.K32GetProcessMemoryInfo
    read.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    held = read(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size)
    return int(counters.working_set) if held else 0

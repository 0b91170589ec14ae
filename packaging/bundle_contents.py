"""What the bundle leaves out, each with its reason."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

Entry = tuple[str, str, str]

_NOBODY_NEEDS = {
    "tkinter": "the window is Qt",
    "matplotlib": "the plots are pyqtgraph",
    "IPython": "only offered by pyqtgraph's console",
    "OpenGL": "no plot uses OpenGL",
    "scipy": "used by pyqtgraph only for what we do not show",
    "PIL": "pictures are written by Qt",
    "pytest": "tests stay in the checkout",
    "hypothesis": "tests stay in the checkout",
    "setuptools": "nothing is installed at run time",
    "pip": "nothing is installed at run time",
    "PySide6.QtTest": "tests stay in the checkout",
    "PySide6.QtQml": "no QML",
    "PySide6.QtQuick": "no QML",
    "torch": "only measured against",
    "tf2onnx": "an extra; without it the export to ONNX says what is missing",
    "onnx": "an extra, as tf2onnx",
    "onnxruntime": "an extra, as tf2onnx",
}
WITHOUT_TENSORFLOW = _NOBODY_NEEDS | {
    "tensorflow": "lives in the engine's process only",
    "keras": "lives in the engine's process only",
    "h5py": "belongs to Keras",
    "tsrnn_gui.engine": "is another program",
}
WITHOUT_QT = _NOBODY_NEEDS | {
    "PySide6": "lives in the window's process only",
    "shiboken6": "belongs to PySide6",
    "pyqtgraph": "belongs to the window",
    "tsrnn_gui.ui": "is another program",
    "tsrnn_gui.app": "is another program",
    "pyarrow": "files are read by the window and the command",
    "clang": "only TensorFlow's own build uses it",
    "grpc": "no distributed training",
    "tensorboard": "the window draws the curves",
    "tensorflow.lite": "no TensorFlow Lite model is run; see entry/engine.py",
    "tensorflow._api.v2.lite": "no TensorFlow Lite model is run; see entry/engine.py",
    "tensorflow._api.v2.compat.v1.lite": "no TensorFlow Lite model is run; see entry/engine.py",
    "tensorflow._api.v2.compat.v2.lite": "no TensorFlow Lite model is run; see entry/engine.py",
}
FILES_LEFT_OUT = {
    "tensorflow/include/*": "headers for compiling kernels",
    "tensorflow/*/*.lib": "for linking kernels on Windows",
    "tensorflow/compiler/mlir/stablehlo/stablehlo_extension*": "no StableHLO text is written",
    "*/_pywrap_profiler_plugin*": "no remote profiling; see entry/engine.py",
    "pyarrow/include/*": "headers",
    "tensorflow/compiler/tf2xla/ops/_xla_ops*": "its operations are in libtensorflow_cc as well",
    "tensorflow/lite/*": "no TensorFlow Lite model is run",
    "pyarrow/libarrow_python.so": "a second copy, for compilers",
    "pyarrow/libarrow_python.so.*.*.*": "a third copy",
    "pyarrow/tests/*": "Arrow's own tests",
    "pyarrow/*.pyx": "Cython sources",
    "pyarrow/*.px[id]": "Cython sources",
    "pyarrow/src/*": "C++ sources",
    "*libarrow_flight*": "no network transport of tables",
    "*libarrow_python_flight*": "no network transport of tables",
    "*libarrow_python_parquet_encryption*": "no encrypted tables",
    "*libarrow_s3*": "no tables from the network",
    "pyarrow/_s3fs*": "no tables from the network",
    "pyarrow/_flight*": "no network transport of tables",
    "pyarrow/_substrait*": "no query plans",
    "pyarrow/_parquet_encryption*": "no encrypted tables",
    "PySide6/Qt/translations/qt*_[a-jl-z]*.qm": "the window speaks English and Korean",
    "PySide6/Qt/plugins/platformthemes/libqgtk3*": "would bring GTK along; the portal tells the colours",
    "PySide6/Qt/qml/*": "no QML",
    "*libQt6Qml*": "no QML",
    "*libQt6Quick*": "no QML",
    "*libQt6VirtualKeyboard*": "desktops have keyboards",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard*": "desktops have keyboards",
    "PySide6/Qt/plugins/platforms/libqeglfs*": "no window without a window system",
    "PySide6/Qt/plugins/platforms/libqlinuxfb*": "no window without a window system",
    "PySide6/Qt/plugins/platforms/libqvnc*": "no remote screen of its own",
    "PySide6/Qt/plugins/platforms/libqvk*": "no window without a window system",
    "PySide6/Qt/plugins/tls/*": "QtNetwork is there for a socket on this machine; nothing speaks to another",
    "PySide6/Qt/plugins/networkinformation/*": "nobody asks whether there is a network",
    "PySide6/Qt/plugins/generic/*": "no input without a window system",
    "PySide6/Qt/plugins/egldeviceintegrations/*": "belongs to eglfs",
    "PySide6/Qt/plugins/qmltooling/*": "no QML",
    "numpy/*/tests/*": "numpy's own tests",
    "h5py/tests/*": "h5py's own tests",
}


def left_out(destination: str) -> bool:
    """Tell whether the file that would land at ``destination`` in the bundle stays behind."""
    path = destination.replace("\\", "/")
    return any(fnmatch.fnmatch(path, pattern) for pattern in FILES_LEFT_OUT)


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """Give the (destination, source, kind) entries that belong into the bundle."""
    return [entry for entry in entries if not left_out(entry[0])]

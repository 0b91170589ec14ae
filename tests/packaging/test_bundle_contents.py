"""What the bundle leaves out, and that it leaves out nothing else."""

from __future__ import annotations

import bundle_contents as contents
import icons
import pytest
import windows_version
from shell import ROOT


@pytest.mark.parametrize("table", [contents.WITHOUT_QT, contents.WITHOUT_TENSORFLOW, contents.FILES_LEFT_OUT])
def test_that_every_exclusion_has_a_reason(table):
    assert all(len(reason) > 5 for reason in table.values())


def test_that_the_window_is_frozen_without_tensorflow_and_the_engine_without_qt():
    assert {"tensorflow", "keras", "tsrnn_gui.engine"} <= contents.WITHOUT_TENSORFLOW.keys()
    assert {"PySide6", "pyqtgraph", "tsrnn_gui.ui", "tsrnn_gui.app"} <= contents.WITHOUT_QT.keys()
    assert not {"tensorflow", "keras", "numpy"} & contents.WITHOUT_QT.keys()


def test_that_onnx_stays_out_of_both_even_where_it_is_installed():
    onnx = {"onnx", "onnxruntime", "tf2onnx"}
    assert onnx <= contents.WITHOUT_QT.keys() & contents.WITHOUT_TENSORFLOW.keys()


def test_that_what_the_exports_and_the_local_socket_need_stays_in():
    assert not {"h5py", "keras", "numpy"} & contents.WITHOUT_QT.keys()
    assert not [name for name in contents.WITHOUT_TENSORFLOW if name.startswith("PySide6.QtNetwork")]


@pytest.mark.parametrize(
    "path, out",
    [
        ("tensorflow/include/Eigen/Core", True),
        ("tensorflow\\include\\Eigen\\Core", True),
        ("pyarrow/libarrow_flight.so.2600", True),
        ("pyarrow/libarrow_python.so", True),
        ("pyarrow/libarrow_python.so.2600", False),
        ("pyarrow/libarrow.so.2600", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", True),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/QtNetwork.abi3.so", False),
        ("h5py/_hl/files.py", False),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", False),
        ("tensorflow/libtensorflow_cc.so.2", False),
        ("resources/samples/sunspots_monthly.csv", False),
    ],
)
def test_that_a_file_is_left_out_only_by_intent(path, out):
    assert contents.left_out(path) is out


def test_that_the_icon_is_packed_for_windows_and_macos(qapp):
    png = icons.render(ROOT / "resources" / "icons" / "tsrnn.svg", 32)
    assert png.startswith(b"\x89PNG")
    assert icons.ico({32: png}).endswith(png)
    packed = icons.icns({32: png})
    assert packed.startswith(b"icns")
    assert int.from_bytes(packed[4:8], "big") == len(packed)


def test_that_the_version_resource_says_the_version_in_both_forms():
    text = windows_version.text("tsrnn-gui", "1.2.3")
    assert "filevers=(1, 2, 3, 0)" in text
    assert "'1.2.3'" in text
    compile(text, "version", "eval")

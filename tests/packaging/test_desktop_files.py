"""What desktops read, and what installs it, as far as it can be tried without building the bundle."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import linux_share
import pytest
from shell import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="for Linux desktops")
LINUX = ROOT / "packaging" / "linux"


@pytest.fixture
def share(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / "tsrnn-64.png").write_bytes(b"picture")
    linux_share.write(tmp_path / "share", made, "1.2.3")
    return tmp_path / "share"


@pytest.fixture
def unpacked(tmp_path, share):
    """An unpacked archive with programs that only stand in."""
    archive = tmp_path / "archive"
    (archive / "tsrnn_gui").mkdir(parents=True)
    for name in ("tsrnn-gui", "tsrnn", "tsrnn-engine"):
        program = archive / "tsrnn_gui" / name
        program.write_text(f"#!/bin/sh\necho {name}\n")
        program.chmod(0o755)
    share.rename(archive / "share")
    for script in ("install.sh", "uninstall.sh"):
        shutil.copy(LINUX / script, archive / script)
    return archive


def test_that_the_checkers_have_nothing_to_say(share):
    assert linux_share.checked(share) == []


def test_that_the_file_type_is_told_by_the_number_the_project_file_carries(share):
    from tsrnn_gui.files.project_schema import APPLICATION_ID

    tree = ET.parse(share / "mime" / "packages" / "tsrnn.xml")
    (match,) = [node for node in tree.iter() if node.get("offset") == "68"]
    assert int(match.get("value"), 16) == APPLICATION_ID


def test_that_no_placeholder_is_left(share):
    texts = [path.read_text("utf-8") for path in share.rglob("*") if path.suffix in (".xml", ".desktop")]
    assert texts
    assert not [text for text in texts if "@" in text]


def test_that_an_install_is_found_and_its_removal_leaves_no_file(tmp_path, unpacked):
    prefix = tmp_path / "my place"
    subprocess.run(["sh", unpacked / "install.sh", prefix], check=True, capture_output=True)
    said = subprocess.run([prefix / "bin" / "tsrnn"], check=True, capture_output=True, text=True).stdout
    assert said == "tsrnn\n"
    entry = (prefix / "share" / "applications" / "tsrnn_gui.desktop").read_text("utf-8")
    assert f'Exec="{prefix}/lib/tsrnn-gui/tsrnn-gui" %f' in entry
    uninstall = prefix / "lib" / "tsrnn-gui" / "uninstall.sh"
    subprocess.run(["sh", uninstall], check=True, capture_output=True)
    left = {path.name for path in prefix.rglob("*") if not path.is_dir()}
    caches = {"mime.cache", "mimeinfo.cache", "icon-theme.cache"}
    assert not {name for name in left if "tsrnn" in name} - caches
    assert not (prefix / "lib" / "tsrnn-gui").exists()


def test_that_a_second_install_replaces_the_first(tmp_path, unpacked):
    prefix = tmp_path / "place"
    for _ in range(2):
        subprocess.run(["sh", unpacked / "install.sh", prefix], check=True, capture_output=True)
    assert not (prefix / "lib" / "tsrnn-gui" / "tsrnn_gui").exists()


def test_that_a_folder_of_somebody_else_is_not_overwritten(tmp_path, unpacked):
    theirs = tmp_path / "place" / "lib" / "tsrnn-gui" / "letter.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    done = subprocess.run(["sh", unpacked / "install.sh", tmp_path / "place"], capture_output=True)
    assert done.returncode == 1
    assert theirs.read_text() == "mine"


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")
def test_that_the_nsis_script_compiles_against_a_stub_tree(tmp_path):
    import icons

    bundle = tmp_path / "bundle"
    (bundle / "_internal").mkdir(parents=True)
    (bundle / "_internal" / "part").write_text("part")
    (bundle / "tsrnn-gui.exe").write_text("program")
    icons.write(ROOT / "resources" / "icons" / "tsrnn.svg", tmp_path)
    defines = {"VERSION": "1.2.3", "BUNDLE": bundle, "ICON": tmp_path / "tsrnn.ico", "OUT": tmp_path}
    words = [f"-D{name}={value}" for name, value in defines.items()]
    script = ROOT / "packaging" / "windows" / "tsrnn_gui.nsi"
    done = subprocess.run(["makensis", "-WX", "-V2", *words, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "tsrnn_gui-1.2.3-setup-nsis.exe").exists()


def test_that_inno_setup_installs_a_user_alone_and_speaks_two_languages():
    script = (ROOT / "packaging" / "windows" / "tsrnn_gui.iss").read_text("utf-8")
    assert "PrivilegesRequired=lowest" in script
    said = {line.partition("=")[0] for line in script.splitlines() if line.startswith(("en.", "ko."))}
    assert {name[3:] for name in said if name.startswith("en.")} == {
        name[3:] for name in said if name.startswith("ko.")
    }

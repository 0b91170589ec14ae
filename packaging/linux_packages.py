"""The Debian package and the archive with its own installer, made from a finished bundle."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Sequence
from email.utils import format_datetime
from pathlib import Path

import linux_needs
import linux_share
from shell import ROOT, say, stop

_CONTROL = """\
Package: tsrnn-gui
Version: {version}
Section: science
Priority: optional
Architecture: {architecture}
Installed-Size: {size}
Maintainer: The tsrnn_gui maintainers <maintainers@tsrnn-gui.invalid>
Depends: {depends}
Recommends: fonts-dejavu-core | fonts-noto-core, fonts-noto-cjk
Description: forecast time series with recurrent networks, without code
 Opens a series from a CSV, Excel or Parquet file, lets you stack recurrent
 layers in a table that checks their shapes while you type, trains them, and
 shows each forecast beside the one that says "tomorrow equals today".
 .
 TensorFlow and Qt come with it; no network is needed.
"""
_CHANGES = """\
tsrnn-gui ({version}) unstable; urgency=medium

  * See CHANGELOG.md of the source for what users see change.

 -- The tsrnn_gui maintainers <maintainers@tsrnn-gui.invalid>  {date}
"""
_OVERRIDES = """\
# A frozen program brings its libraries along, as built by their makers.
tsrnn-gui: embedded-library
tsrnn-gui: custom-library-search-path
tsrnn-gui: sharedobject-in-library-directory-missing-soname
tsrnn-gui: shared-library-is-executable
tsrnn-gui: shared-library-lacks-prerequisites
tsrnn-gui: library-not-linked-against-libc
tsrnn-gui: unstripped-binary-or-object
tsrnn-gui: unstripped-static-library
tsrnn-gui: binary-has-unneeded-section
tsrnn-gui: hardening-no-pie
tsrnn-gui: hardening-no-relro
tsrnn-gui: executable-stack-in-shared-library
tsrnn-gui: extra-license-file
tsrnn-gui: package-contains-documentation-outside-usr-share-doc
tsrnn-gui: initial-upload-closes-no-bugs
tsrnn-gui: no-manual-page
tsrnn-gui: debian-changelog-file-missing
tsrnn-gui: spelling-error-in-binary
tsrnn-gui: bogus-mail-host
tsrnn-gui: missing-depends-on-sensible-utils
"""


def debian_package(bundle: Path, made: Path, out: Path, version: str) -> Path:
    """Pack ``bundle`` as a .deb in ``out`` and give its path."""
    tree = made / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    usr = tree / "usr"
    shutil.copytree(bundle, usr / "lib" / "tsrnn-gui", symlinks=True)
    _made_plain(usr / "lib" / "tsrnn-gui")
    (usr / "bin").mkdir()
    for name in ("tsrnn-gui", "tsrnn"):
        (usr / "bin" / name).symlink_to(f"../lib/tsrnn-gui/{name}")
    linux_share.write(usr / "share", made, version)
    _stop_on(linux_share.checked(usr / "share"))
    _documents(usr / "share", version)
    architecture = _said("dpkg", "--print-architecture")
    _control(tree, version, architecture, linux_needs.packages(bundle))
    package = out / f"tsrnn-gui_{version}_{architecture}.deb"
    say(f"Packing {package.name}")
    _run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z2", "--threads-max=0", "--build", tree, package])
    shutil.rmtree(tree)
    return package


def archive(bundle: Path, made: Path, out: Path, version: str) -> Path:
    """Pack ``bundle`` with install.sh and uninstall.sh as a .tar.zst in ``out`` and give its path."""
    name = f"tsrnn-gui-{version}-linux-{os.uname().machine}"
    tree = made / "archive"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    linux_share.write(tree / "share", made, version)
    for script in ("install.sh", "uninstall.sh"):
        shutil.copy2(linux_share.SOURCES / script, tree / script)
    package = out / f"{name}.tar.zst"
    say(f"Packing {package.name}")
    tar: list[str | Path] = [
        "tar",
        "-c",
        "-f",
        package,
        "--owner=0",
        "--group=0",
        "--use-compress-program=zstd -T0 -12",
    ]
    _run([*tar, f"--transform=s,^[.],{name},S", "-C", tree, ".", "-C", bundle.parent, f"./{bundle.name}"])
    shutil.rmtree(tree)
    return package


def _made_plain(folder: Path) -> None:
    """Libraries come out of wheels as executable; a package's files are 644, its programs 755."""
    programs = {"tsrnn-gui", "tsrnn", "tsrnn-engine"}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o755 if path.name in programs else 0o644)
        elif path.is_dir():
            path.chmod(0o755)


def _documents(share: Path, version: str) -> None:
    folder = share / "doc" / "tsrnn-gui"
    folder.mkdir(parents=True)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    (folder / "copyright").write_text(f"tsrnn_gui {version}\n\n{licence}", encoding="utf-8")
    changes = _CHANGES.format(version=version, date=format_datetime(linux_share.released()))
    (folder / "changelog.gz").write_bytes(gzip.compress(changes.encode(), 9, mtime=0))
    overrides = share / "lintian" / "overrides"
    overrides.mkdir(parents=True)
    (overrides / "tsrnn-gui").write_text(_OVERRIDES, encoding="utf-8")


def _control(tree: Path, version: str, architecture: str, depends: Sequence[str]) -> None:
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    text = _CONTROL.format(version=version, architecture=architecture, size=size, depends=", ".join(depends))
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(text, encoding="utf-8")


def _stop_on(complaints: Sequence[str]) -> None:
    if complaints:
        stop("\n".join(complaints), "Mend the files in packaging/linux.")


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _run(command: Sequence[str | Path]) -> None:
    if subprocess.call([str(word) for word in command]) != 0:
        stop(f"{command[0]} failed.", "See its message above.")

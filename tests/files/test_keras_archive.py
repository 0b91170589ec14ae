"""Hostile .keras files: each is refused with a sentence, nothing is unpacked, and memory stays small."""

import io
import struct
import zipfile

import pytest

from tsrnn_gui.core.problems import TsrnnError
from tsrnn_gui.files.keras_archive import read_archive

CONFIG = b'{"class_name": "Sequential"}'


def _zip(*members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


GOOD = _zip(("metadata.json", b"{}"), ("config.json", CONFIG), ("model.weights.h5", b"\x89HDF"))


@pytest.fixture
def kept(tmp_path):
    def keep(content):
        path = tmp_path / "their.keras"
        path.write_bytes(content)
        return path

    return keep


def test_that_configuration_and_weights_are_read(kept):
    assert read_archive(kept(GOOD)).config == CONFIG
    assert read_archive(kept(GOOD)).weights == b""
    assert read_archive(kept(GOOD), weights=True).weights == b"\x89HDF"


def _encrypted():
    broken = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = broken.find(mark, broken.find(mark) + 4)
        broken[place + offset] |= 1
    return bytes(broken)


def _lying_about_size():
    honest = _zip(("config.json", b"x" * (9 << 20)))
    said = struct.pack("<I", 9 << 20)
    return honest.replace(said, struct.pack("<I", 100))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no .keras file"),
        (b"\x80\x04\x95", "no .keras file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(4096), "no .keras file"),
        (GOOD[: len(GOOD) // 2], "no .keras file"),
        (GOOD + b"MZ", "behind its end"),
        (_zip(("other.json", CONFIG)), "holds no config.json"),
        (_zip(("../config.json", CONFIG), ("config.json", CONFIG)), "points outside"),
        (_zip(("/etc/passwd", b"x"), ("config.json", CONFIG)), "points outside"),
        (_zip(("a\\..\\b", b"x"), ("config.json", CONFIG)), "points outside"),
        (_zip(("C:/x", b"x"), ("config.json", CONFIG)), "points outside"),
        (_zip(*((f"assets/{n}", b"") for n in range(300)), ("config.json", CONFIG)), "more files"),
        (_zip(("config.json", b" " * (9 << 20))), "more than 8,388,608"),
        (_zip(("config.json", b" " * (7 << 20))), "unfolds to 7,340,032"),
        (_encrypted(), "encrypted"),
        (_lying_about_size(), "damaged"),
        (_zip(("config.json", CONFIG), method=zipfile.ZIP_STORED).replace(CONFIG, CONFIG[::-1]), "damaged"),
    ],
)
def test_that_a_hostile_file_is_refused_with_a_sentence(kept, content, said):
    with pytest.raises(TsrnnError, match=r"their\.keras") as told:
        read_archive(kept(content), weights=True)
    assert said in told.value.text
    assert told.value.hint


def test_that_two_files_of_one_name_are_refused(kept):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = _zip(("config.json", CONFIG), ("config.json", b"{}"))
    with pytest.raises(TsrnnError, match="same name"):
        read_archive(kept(content))


def test_that_a_missing_file_is_told(tmp_path):
    with pytest.raises(TsrnnError, match="cannot be read"):
        read_archive(tmp_path / "gone.keras")


def test_that_a_directory_that_says_little_and_holds_much_is_refused(kept):
    many = bytearray(_zip(*((f"assets/{n:06}", b"") for n in range(12_000)), ("config.json", CONFIG)))
    place = many.rfind(b"PK\x05\x06")
    many[place + 8 : place + 12] = struct.pack("<2H", 3, 3)
    with pytest.raises(TsrnnError, match="more files"):
        read_archive(kept(bytes(many)))

"""Exported galleries: passphrases, damaged and hostile files."""

from __future__ import annotations

import io
import random
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from explorer.faces.gallery import records, sealing, transfer
from explorer.faces.gallery.gallery import MemoryGallery
from explorer.faces.gallery.records import bytes_of, png_of
from explorer.faces.gallery.sealing import DoesNotOpen, Scrypt, Seal
from explorer.network.errors import UserError
from tests.faces.gallery.made import made

PASSPHRASE = "a long passphrase"


def exported(tmp_path: Path) -> Path:
    gallery = MemoryGallery()
    for seed in range(3):
        gallery.enrol(f"Person {seed}", made(seed), True)
    gallery.export(tmp_path / "people.faces", PASSPHRASE)
    return tmp_path / "people.faces"


def sealed(tmp_path: Path, plain: bytes, scrypt: Scrypt | None = None) -> Path:
    """A file as somebody who knows the passphrase may make it."""
    scrypt = scrypt or Scrypt(bytes(16), 1 << 8)
    header = msgspec.msgpack.encode(scrypt)
    start = transfer.NAME + b"\x01" + len(header).to_bytes(2, "little") + header
    path = tmp_path / "hostile.faces"
    try:
        key = scrypt.key(PASSPHRASE)
    except UserError:
        key = bytes(32)
    path.write_bytes(start + Seal(key, start).close(plain, "gallery"))
    return path


def test_it_needs_the_passphrase(tmp_path: Path) -> None:
    path = exported(tmp_path)
    with pytest.raises(UserError, match="passphrase is another"):
        transfer.read(path, "another passphrase")
    with pytest.raises(UserError, match="too short"):
        transfer.write(path, "short", [])
    assert len(transfer.read(path, PASSPHRASE)) == 3


def test_damaged_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing.Scrypt, "key", lambda self, passphrase: bytes(32))  # 200 times is slow
    path = exported(tmp_path)
    whole = path.read_bytes()
    chance = random.Random(5)
    for number in range(200):
        data = bytearray(whole)
        if number % 2:
            data[chance.randrange(60 if number % 4 == 1 else len(data))] ^= 1 << chance.randrange(8)
        else:
            del data[chance.randrange(100 if number % 4 else len(data)) :]
        path.write_bytes(data)
        with pytest.raises(UserError, match=r"people\.faces"):
            transfer.read(path, PASSPHRASE)


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text"
    text.write_text("no gallery")
    with pytest.raises(UserError, match="not an exported gallery"):
        transfer.read(text, PASSPHRASE)
    with pytest.raises(UserError, match="no file"):
        transfer.read(tmp_path / "none", PASSPHRASE)
    with pytest.raises(UserError, match="cannot be read"):
        transfer.read(tmp_path, PASSPHRASE)
    newer = tmp_path / "newer"
    newer.write_bytes(transfer.NAME + b"\x02" + bytes(100))
    with pytest.raises(UserError, match="newer"):
        transfer.read(newer, PASSPHRASE)
    monkeypatch.setattr(transfer, "SIZE_LIMIT", 1000)
    large = tmp_path / "large"
    large.write_bytes(bytes(2000))
    with pytest.raises(UserError, match="larger"):
        transfer.read(large, PASSPHRASE)
    with pytest.raises(UserError, match="too large"):
        exported(tmp_path)


@pytest.mark.parametrize(
    "scrypt",
    [
        Scrypt(bytes(16), 1 << 30),
        Scrypt(bytes(16), 3),
        Scrypt(bytes(16), 0),
        Scrypt(bytes(16), 1 << 20, r=1 << 20),
        Scrypt(bytes(16), 1 << 8, p=10**9),
        Scrypt(b"", 1 << 8),
    ],
)
def test_parameters_that_would_take_all_memory(tmp_path: Path, scrypt: Scrypt) -> None:
    with pytest.raises(UserError, match="unusual"):
        transfer.read(sealed(tmp_path, b"", scrypt), PASSPHRASE)


def test_nonsense_under_the_right_passphrase(tmp_path: Path) -> None:
    face = made(1)
    embedding, chip = bytes_of(face.embedding), png_of(face.chip)
    good = ["Ada", True, 1.7e9, "encoder", embedding, chip]
    assert len(transfer.read(sealed(tmp_path, msgspec.msgpack.encode([good])), PASSPHRASE)) == 1
    for place, bad in (
        (0, ""), (0, 7), (1, "yes"), (2, float("nan")), (2, float("inf")), (4, embedding[:-1]), (4, b""),
        (4, b"\xff" * 512), (4, bytes(4 * 5000)), (5, b""), (5, chip[:500]), (5, bytes(1 << 20)),
    ):  # fmt: skip
        row = [*good]
        row[place] = bad
        with pytest.raises(UserError, match="damaged"):
            transfer.read(sealed(tmp_path, msgspec.msgpack.encode([good, row])), PASSPHRASE)
    for plain in (b"", b"\xc1", msgspec.msgpack.encode({"a": 1}), msgspec.msgpack.encode([[]])):
        with pytest.raises(UserError, match="damaged"):
            transfer.read(sealed(tmp_path, plain), PASSPHRASE)


def test_a_piece_opens_in_its_place_alone() -> None:
    seal = Seal(bytes(32), b"one")
    piece = seal.close(b"plain", "row 1")
    assert seal.open(piece, "row 1") == b"plain"
    assert seal.close(b"plain", "row 1") != piece
    for other, place in (
        (seal, "row 2"),
        (Seal(bytes(32), b"two"), "row 1"),
        (Seal(b"k" * 32, b"one"), "row 1"),
    ):
        with pytest.raises(DoesNotOpen):
            other.open(piece, place)
    for short in (b"", piece[:11], piece[:20]):
        with pytest.raises(DoesNotOpen):
            seal.open(short, "row 1")
    with pytest.raises(ValueError):
        Seal(b"short", b"one")


def test_a_chip_that_claims_millions_of_pixels_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kilobytes of PNG may ask for gigabytes: its header is looked at first."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 30_000)).save(buffer, "PNG")
    bomb = buffer.getvalue()
    assert len(bomb) < records.CHIP_LIMIT
    decoded: list[str] = []
    monkeypatch.setattr(records, "decode_picture", lambda data, name: decoded.append(name))
    for data in (bomb, b"", b"GIF89a" + bomb, bomb[:20]):
        with pytest.raises(UserError, match="no PNG of 112"):
            records.chip_of(data)
    assert decoded == []

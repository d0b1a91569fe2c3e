"""Photographs: what shows the picture stays, what tells of the camera and the place goes."""

import io
import struct
import zlib

import pytest
from PIL import Image

from backend.core.pictures import LARGEST, NoPicture, cleaned


def photograph(kind="JPEG", *, turned=None, **options):
    picture = Image.new("RGB", (40, 30), "white")
    picture.putpixel((3, 4), (200, 0, 0))
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-MAKER"
    exif[0x9286] = "PLACE 35.1 136.9"
    if turned:
        exif[0x0112] = turned
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, **options)
    return out.getvalue()


def shown(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("progressive", [False, True])
def test_of_a_jpeg_only_the_picture_and_which_way_up_stays(progressive):
    data = photograph(turned=6, progressive=progressive, comment=b"COMMENT") + b"A FILM BEHIND IT"
    kept = cleaned(data)
    assert kept.kind == "jpeg"
    for secret in (b"CAMERA", b"PLACE", b"COMMENT", b"FILM"):
        assert secret in data
        assert secret not in kept.data
    assert shown(kept.data).getexif() == {0x0112: 6}
    assert shown(kept.data).tobytes() == shown(data).tobytes()
    assert cleaned(kept.data).data == kept.data


def test_of_a_png_only_the_picture_stays():
    data = photograph("PNG")
    kept = cleaned(data)
    assert kept.kind == "png"
    assert b"CAMERA" in data
    assert b"CAMERA" not in kept.data
    assert shown(kept.data).tobytes() == shown(data).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_torn_file_is_told_wherever_it_is_torn(kind):
    data = cleaned(photograph(kind)).data
    for end in range(12, len(data) - 2, 7):
        with pytest.raises(NoPicture, match=r"壊れています"):
            cleaned(data[:end])


def test_other_files_are_told_with_what_to_do():
    with pytest.raises(NoPicture, match="JPEG か PNG"):
        cleaned(b"%PDF-1.7 no picture")
    with pytest.raises(NoPicture, match="互換性優先"):
        cleaned(b"\0\0\0\x18ftypheic\0\0\0\0")
    with pytest.raises(NoPicture, match="大きすぎ"):
        cleaned(b"\xff\xd8" + b"\0" * LARGEST)
    with pytest.raises(NoPicture):
        cleaned(b"\xff\xd8\xff\xd9")


def test_a_png_that_needs_what_we_do_not_know_is_not_taken():
    body = b"XXXX\0"
    strange = struct.pack(">I", 1) + body + struct.pack(">I", zlib.crc32(body))
    data = photograph("PNG")
    with pytest.raises(NoPicture, match="この PNG"):
        cleaned(data[:8] + strange + data[8:])

"""Uploads are what their bytes say, within limits, and lose what hides in them."""

import io

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.security import uploads

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(form="PNG", size=(40, 20), mode="RGB", **options):
    target = io.BytesIO()
    Image.new(mode, size, "white").save(target, form, **options)
    return target.getvalue()


def refused(data, kind):
    with pytest.raises(InvalidInput) as caught:
        uploads.checked(data, kind, "scan-0")
    assert caught.value.problems[0].field == "scan-0"
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    ("data", "kind", "media_type"),
    [
        (picture("JPEG"), "photo", "image/jpeg"),
        (picture(), "photo", "image/png"),
        (picture(mode="RGBA"), "ink", "image/png"),
        (picture(mode="P"), "photo", "image/png"),
        (PDF, "scan", "application/pdf"),
        (PDF, "file", "application/pdf"),
    ],
)
def test_allowed_files_come_in(data, kind, media_type):
    kept, found = uploads.checked(data, kind)
    assert found == media_type
    assert kept


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "photo"),
        (picture("JPEG"), "ink"),
        (picture("GIF"), "file"),
        (b"<html><script>", "file"),
        (b"PK\x03\x04" + b"\x00" * 60, "scan"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "photo"),
        (b"MZ" + b"\x00" * 200, "file"),
    ],
)
def test_other_files_are_refused(data, kind):
    assert "只接受" in refused(data, kind)


def test_limits():
    assert "空" in refused(b"", "photo")
    assert "过大" in refused(b"x" * 600_000, "ink")
    assert "百万像素" in refused(picture(size=(6000, 5000), mode="1"), "photo")
    assert "损坏" in refused(picture()[:60], "photo")
    assert "损坏" in refused(picture("JPEG", size=(400, 400))[:400], "photo")


def test_what_hides_in_a_picture_stays_outside():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretPhone"
    data = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    kept, _ = uploads.checked(data, "photo")
    assert b"SecretPhone" not in kept
    assert b"script" not in kept
    assert Image.open(io.BytesIO(kept)).size == (20, 40)  # turned as the camera was held
    kept, _ = uploads.checked(picture() + b"PK\x03\x04evil", "photo")
    assert b"evil" not in kept


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\证件.jpg", "证件.jpg"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_plain(name, plain):
    assert uploads.plain_name(name) == plain

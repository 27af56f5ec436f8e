"""Files made to look like what they are not, and ordinary ones."""

import io
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image

from tickets.files import BAD_TYPE, DAMAGED, LIES, TOO_LARGE, BadFileError, check_file

SCRIPT = b"<html><script>alert(document.cookie)</script></html>"
TYPES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
    "GIF": ("image/gif", ".gif"),
}


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    written = io.BytesIO()
    image = Image.new(mode, size, options.pop("colour", "red" if mode == "RGB" else 1))
    image.save(written, kind, **options)
    return written.getvalue()


def opened(checked):
    return Image.open(io.BytesIO(checked.content))


def pdf(extra=b""):
    """A PDF of one empty page."""
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + extra
    offsets = []
    for number, content in enumerate(
        (
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
        ),
        1,
    ):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        body
        + b"xref\n0 4\n0000000000 65535 f \n"
        + table
        + b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    )


def refused(content, name="file"):
    with pytest.raises(BadFileError) as raised:
        check_file(content, name)
    return raised.value.code, str(raised.value)


@pytest.mark.parametrize("kind", TYPES)
def test_picture_is_kept_as_the_picture_that_it_is(kind):
    checked = check_file(picture(kind), "parcel")
    media_type, ending = TYPES[kind]
    assert (checked.media_type, checked.name) == (media_type, f"parcel{ending}")
    with opened(checked) as image:
        assert (image.format, image.size) == (kind, (40, 30))
        red, green, blue = image.convert("RGB").getpixel((20, 15))
    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "I;16"),
        ("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGBA"), ("GIF", "L"), ("GIF", "P"),
    ],
)  # fmt: skip
def test_pictures_of_every_mode_are_taken(kind, mode):
    colour = {"LA": (9, 9), "RGBA": (9, 9, 9, 9), "CMYK": (9, 9, 9, 9)}.get(mode, 1)
    with opened(check_file(picture(kind, mode=mode, colour=colour), "x")) as image:
        image.load()
        assert image.size == (40, 30)


def test_pdf_is_kept_byte_for_byte():
    checked = check_file(pdf(), "Rechnung M\u00e4rz.PDF")
    assert (checked.media_type, checked.name) == ("application/pdf", "Rechnung M\u00e4rz.pdf")
    assert checked.content == pdf()


def test_transparency_and_animation_survive():
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP"):
        written = io.BytesIO()
        frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=70, loop=0)
        with opened(check_file(written.getvalue(), "x")) as image:
            assert image.n_frames == 3
            image.seek(1)
            image.load()
            assert image.info["duration"] == 70
            assert image.convert("RGB").getpixel((5, 5))[1] > 100
    for clear in (
        picture("PNG", transparency=(255, 0, 0)),
        picture("PNG", mode="RGBA", colour=(9, 9, 9, 0)),
        picture("WEBP", mode="RGBA", colour=(9, 9, 9, 0)),
    ):
        with opened(check_file(clear, "x")) as image:
            assert image.convert("RGBA").getpixel((0, 0))[3] == 0


def test_where_a_photo_was_taken_and_all_that_was_written_beside_it_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "SecretPhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    options = {"exif": exif, "comment": SCRIPT, "icc_profile": b"SecretProfile" + SCRIPT}
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        content = picture(kind, **options) + SCRIPT
        assert SCRIPT in content
        kept = check_file(content, "x").content
        assert b"Secret" not in kept
        assert b"script" not in kept
        assert b"Exif" not in kept


def test_photo_taken_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    with opened(check_file(picture("JPEG", exif=exif), "x")) as image:
        assert image.size == (30, 40)


def test_text_chunks_of_a_png_are_gone():
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Comment", SCRIPT.decode())
    content = picture("PNG", pnginfo=words)
    assert SCRIPT in content
    assert SCRIPT not in check_file(content, "x").content


@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"hello", SCRIPT, b"MZ\x90\x00" * 100, b"PK\x03\x04" + b"\0" * 99, b"\0" * 5000,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"#!/bin/sh\nrm -rf /\n",
        b"\x00\x00\x00\x18ftypheic" + b"\0" * 99, b"BM" + b"\0" * 99,
    ],
    ids=["empty", "blank", "text", "html", "exe", "zip", "zeros", "svg", "sh", "heic", "bmp"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["file", "photo.jpg", "invoice.pdf"])
def test_what_is_no_picture_and_no_pdf_is_refused(content, name):
    assert refused(content, name) == ("bad_type", BAD_TYPE)


def test_formats_that_the_decoder_knows_but_we_do_not_take_are_refused():
    for kind in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX"):
        assert refused(picture(kind), "photo.jpg") == ("bad_type", BAD_TYPE)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-" + SCRIPT,
        b"%PDF-1.4\n" + SCRIPT,
        b"%PDF-1.4\n" + SCRIPT + b"\nstartxref\n0\n%%EOF\n",
        b"%PDF-1.4\n1 0 obj\n" + SCRIPT + b"\nstartxref\n0\n%%EOF\n",
        pdf(b"%" + SCRIPT + b"\n"),
        b"%PDF-1.4\n1 0 obj\n%%EOF",
        b"%PDF-9.9\n1 0 obj\nstartxref\n%%EOF",
        pdf()[:200],
    ],
    ids=["glued", "head", "end", "object", "whole", "no table", "no version", "cut"],
)
def test_pdf_that_is_a_page_or_half_a_pdf_is_refused(content):
    assert refused(content, "invoice.pdf") == ("bad_type", DAMAGED)


def test_page_with_a_pdf_behind_it_is_refused():
    assert refused(SCRIPT + pdf(), "invoice.pdf") == ("bad_type", BAD_TYPE)


def test_picture_that_is_a_script_too_is_kept_as_the_picture_alone():
    """`GIF89a/*…` is a picture for a browser's `img` and a program for its `script`."""
    content = bytearray(picture("GIF"))
    polyglot = bytes(content) + b"*/=1;alert(document.cookie)//" + pdf()
    kept = check_file(polyglot, "x.gif").content
    assert b"alert" not in kept
    assert b"%PDF" not in kept


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (picture("PNG"), "photo.jpg"),
        (picture("JPEG"), "photo.png"),
        (pdf(), "photo.jpg"),
        (picture("JPEG"), "invoice.pdf"),
        (picture("GIF"), "page.html"),
        (picture("GIF"), "code.js"),
        (picture("GIF"), "PICTURE.SVG"),
        (picture("PNG"), "photo.png.exe"),
        (pdf(), "invoice.doc"),
        (picture("PNG"), "\u202egnp.exe\u202c"),
        (picture("PNG"), "photo.jpg "),
        (picture("PNG"), "photo.jpg\u200b"),
    ],
)
def test_name_that_says_another_type_is_refused(content, name):
    assert refused(content, name) == ("bad_type", LIES)


@pytest.mark.parametrize("kind", TYPES)
def test_picture_that_breaks_off_is_refused(kind):
    content = picture(kind, size=(200, 200), colour="red")
    for share in (0.1, 0.5, 0.9):
        code, words = refused(content[: int(len(content) * share)])
        assert code == "bad_type"
        assert words in (DAMAGED, BAD_TYPE)


def ending(content):
    try:
        checked = check_file(content, "x")
    except BadFileError as error:
        return str(error)
    with opened(checked) as image:
        image.load()
    return "a picture"


def test_bytes_changed_at_random_end_in_words_or_in_a_picture():
    import random

    chance = random.Random(3)
    for kind in TYPES:
        whole = picture(kind, size=(64, 64))
        for _ in range(150):
            content = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            assert ending(bytes(content)) in ("a picture", DAMAGED, BAD_TYPE, TOO_LARGE)


def png_bomb(width, height):
    """A real PNG of zeros: a thousandth of its size on disk."""

    def chunk(name, data):
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    body = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        png_bomb(20_000, 2_000),
        png_bomb(100_000, 100)[:33] + b"\0" * 100,
        picture("PNG", size=(1, 1)).replace(
            struct.pack(">II", 1, 1), struct.pack(">II", 2**31 - 1, 2**31 - 1)
        ),
        picture("GIF", size=(1, 1)).replace(b"GIF87a\x01\0\x01\0", b"GIF87a\xff\xff\xff\xff"),
    ],
    ids=["whole", "cut", "endless", "gif"],
)
def test_bomb_is_refused_before_it_is_decoded(content):
    assert len(content) < 1_000_000
    code, words = refused(content)
    assert (code, words) in (("too_big", TOO_LARGE), ("bad_type", DAMAGED), ("bad_type", BAD_TYPE))


def test_whole_bomb_is_told_from_a_damaged_file():
    assert refused(png_bomb(20_000, 2_000)) == ("too_big", TOO_LARGE)


def test_animation_counts_all_of_its_frames():
    frames = [Image.new("L", (3000, 1000), shade) for shade in range(9)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    assert refused(written.getvalue()) == ("too_big", TOO_LARGE)


MEASURE = """
import resource, sys
from tickets.files import BadFileError, check_file
content = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    check_file(content, "x")
except BadFileError as error:
    print(error.code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_bomb_costs_no_memory():
    bomb = png_bomb(30_000, 20_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=bomb, capture_output=True, check=True, timeout=60
    )
    code, megabytes = done.stdout.split()
    assert code == b"too_big"
    assert int(megabytes) < 50, "decoded it has 600 MB"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "file.png"),
        ("blob", "blob.png"),
        ("photo.PNG", "photo.png"),
        ("Screenshot 12.30.45", "Screenshot 12.30.45.png"),
        ("../../etc/passwd", "passwd.png"),
        ("..\\..\\windows\\system32\\evil.png", "evil.png"),
        ("/", "file.png"),
        ("...", "file.png"),
        (".png", "png.png"),
        ("shot.unheard-of", "shot.unheard-of.png"),
        ("a\0b\nc\r\td.png", "abcd.png"),
        ("\x1b[2Jphoto.png", "[2Jphoto.png"),
        ("half \ud83d.png", "half.png"),
        ("\U0001f4e6 Paket.png", "\U0001f4e6 Paket.png"),
        ("caf\u0065\u0301.png", "caf\u00e9.png"),
        ('a<b>c:"d|e?f*.png', "a_b_c__d_e_f_.png"),
        ("NUL.png", "NUL_.png"),
        ("x" * 300 + ".png", "x" * 150 + ".png"),
        ("-rf.png", "-rf.png"),
    ],
)
def test_name_is_safe_on_every_file_system(typed, name):
    assert check_file(picture("PNG"), typed).name == name


def test_long_name_in_other_letters_fits_a_file_system(tmp_path):
    checked = check_file(picture("PNG"), "\u8ba2\u5355" * 200 + ".png")
    (tmp_path / checked.name).write_bytes(checked.content)

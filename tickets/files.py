"""Files that shoppers send: what they are is found in their content, never in their name."""

import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from mimetypes import MimeTypes
from pathlib import PurePosixPath

from pathvalidate import sanitize_filename
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from amends.errors import AmendsError

logger = logging.getLogger(__name__)

MAX_PIXELS = 26_000_000
"""In all frames together: 100 MB once it is decoded, and as much again for a copy or two. A phone's
photo has 12 or 24 million."""

NAME_BYTES = 150
"""Without its ending; file systems take 255."""

JPEG_QUALITY = 90

# By Pillow's name. MPO is what it calls a JPEG with a second picture behind it, as phones make.
_IMAGES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "MPO": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
    "GIF": ("image/gif", ".gif"),
}
_ANIMATED = ("GIF", "WEBP")
_PDF = ("application/pdf", ".pdf")
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d\s")
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe)", re.IGNORECASE)
# Where PDF readers look for the head and the end.
_WINDOW = 1024
# The machine's own list would make the same file pass here and fail there.
_TYPES = MimeTypes(filenames=())

BAD_TYPE = "I can take photos (JPEG, PNG, WebP, GIF) and PDF files; this one is something else."
DAMAGED = "I could not open that file; it may be damaged. Please send it again, or another one."
LIES = "That file is named like something else than it is. Please send the photo or PDF itself."
TOO_LARGE = "That picture is too large for me to open. Please send a smaller one."


class BadFileError(AmendsError):
    """A file that is not taken; its message is for the shopper.

    Attributes:
        code: `bad_type` or `too_big`.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class CheckedFile:
    """A file that is what it says.

    Attributes:
        name: Safe on any file system, with the ending of its type.
        media_type: What its content is.
        content: For a picture: the picture, and nothing else that was in the file.
    """

    name: str
    media_type: str
    content: bytes


def check_file(content: bytes, name: str) -> CheckedFile:
    """Find out what a file is and make it safe to keep; takes up to seconds for a large picture.

    Pictures are decoded and written anew, so that what is kept holds no place where it was taken,
    no colour profile, no comment, and no second file behind or inside the picture.

    Args:
        content: All bytes.
        name: As the shopper's machine calls it, masked; may hold anything.

    Raises:
        BadFileError: it is no picture or PDF, is damaged, too large, or named like another type.
    """
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        kind, kept = _PDF, content
    else:
        kind, kept = _picture(content)
    media_type, ending = kind
    return CheckedFile(_safe_name(name, media_type, ending), media_type, kept)


def _check_pdf(content: bytes) -> None:
    # Read no further: a parser on hostile bytes risks more than it finds. What starts like this is
    # a PDF for every browser, and agents get it as a file with that ending.
    head, tail = content[:_WINDOW], content[-_WINDOW:]
    whole = _PDF_HEAD.match(head) and b"startxref" in tail and b"%%EOF" in tail
    if not whole or b" obj" not in content or _MARKUP.search(head):
        raise BadFileError("bad_type", DAMAGED)


def _picture(content: bytes) -> tuple[tuple[str, str], bytes]:
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as image:
            _check_pixels(image)
            return _IMAGES[image.format or ""], _rewritten(image)
    except BadFileError:
        raise
    except UnidentifiedImageError as error:
        raise BadFileError("bad_type", BAD_TYPE) from error
    except Image.DecompressionBombError as error:
        raise BadFileError("too_big", TOO_LARGE) from error
    except Exception as error:  # Decoders raise what they like on bytes made to break them.
        logger.info("a picture cannot be decoded: %s", type(error).__name__)
        raise BadFileError("bad_type", DAMAGED) from error


def _check_pixels(image: Image.Image) -> None:
    # Known from the head of the file, before anything is decoded.
    frames = getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1
    if image.width * image.height * frames > MAX_PIXELS:
        raise BadFileError("too_big", TOO_LARGE)


def _rewritten(image: Image.Image) -> bytes:
    written = BytesIO()
    if image.format in _ANIMATED and getattr(image, "is_animated", False):
        _write_frames(image, written)
    else:
        kind = "JPEG" if image.format == "MPO" else image.format
        # The fastest PNG: at the usual level a large one takes ten seconds.
        _bare(image).save(written, kind, quality=JPEG_QUALITY, compress_level=1)
    return written.getvalue()


def _write_frames(image: Image.Image, written: BytesIO) -> None:
    loop = image.info.get("loop", 1)
    durations: list[int] = []
    first, *others = _frames(image, durations)
    first.save(
        written,
        image.format,
        save_all=True,
        append_images=others,
        duration=durations,
        loop=loop,
        quality=JPEG_QUALITY,
    )


def _frames(image: Image.Image, durations: list[int]) -> Iterator[Image.Image]:
    for frame in ImageSequence.Iterator(image):
        bare = _bare(frame)
        # Known only once the frame was read.
        durations.append(int(frame.info.get("duration", 100)))
        yield bare


def _bare(image: Image.Image) -> Image.Image:
    """The picture the right way up, and nothing that was written beside it."""
    image.load()
    bare = ImageOps.exif_transpose(image)
    transparent = bare.info.get("transparency")
    bare.info = {} if transparent is None else {"transparency": transparent}
    return bare


def _safe_name(typed: str, media_type: str, ending: str) -> str:
    # Only the last part, whichever system the shopper's machine runs.
    last = unicodedata.normalize("NFC", typed).replace("\\", "/").rpartition("/")[2]
    printable = "".join(filter(str.isprintable, last)).strip(" .")
    says, _ = _TYPES.guess_type(f"x{PurePosixPath(printable).suffix.lower()}", strict=False)
    if says not in (None, media_type):
        raise BadFileError("bad_type", LIES)
    stem = printable if says is None else PurePosixPath(printable).stem
    short = stem.encode()[:NAME_BYTES].decode(errors="ignore")
    safe = sanitize_filename(short, replacement_text="_", platform="universal")
    return f"{safe.strip(' .') or 'file'}{ending}"

"""Files from people: taken in within limits, told apart by what they are, and kept in a form that is safe to show.

A picture is written anew as JPEG, so that nothing of the original but its pixels is left. A PDF is looked into and
kept as it is. Refusals are Invalid, in words that say what to do.
"""

import io
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import PurePosixPath
from typing import NamedTuple

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from .errors import Invalid
from .log import masked
from .middleware import refuse_nul_in_form
from .opening import MOST_PAGES, MOST_PIXELS, jpeg, open_apart

MEGABYTE = 1 << 20
MOST_BYTES = 20 * MEGABYTE  # what a phone takes at its best; portal/static/photos.js sends less
NAME_BYTES = 255
THUMBNAIL_SIDE = 320
ACCEPT = "image/*,.pdf"  # for a file input; with capture, WeChat would offer no album
JPEG, PDF = "image/jpeg", "application/pdf"
# What a file is opened as, by what its first bytes say.
KINDS = {
    JPEG: "image",
    "image/png": "image",
    "image/apng": "image",  # its first picture is kept
    "image/heic": "heif",
    PDF: "pdf",
}
# Pictures that phones and chats save too; whoever sends one is told how to make one that is taken.
OTHER_PICTURES = {
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/avif": "AVIF",
}
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")
PICTURES = {"jpg", "jpeg", "jpe", "jfif", "png", "heic", "heif", "hif", ""}
# Phones call one kind of picture by the name of another; between a picture and a document nobody mixes up.
EXTENSIONS = {"image": PICTURES, "heif": PICTURES, "pdf": {"pdf", ""}}

MISSING = "请选一张照片或一个 PDF"
CUT_OFF = "上传中断了，文件不完整。请再传一次；还不行就重拍一张"
UNREADABLE = "打不开这个文件，请用照片或 PDF"
BROKEN_PDF = "打不开这个 PDF，可能已经损坏。请重新导出一份，或者拍照上传"
LOCKED = "这个 PDF 加了密码，打不开。请去掉密码再传，或者拍照上传"
ACTIVE = "这个 PDF 里有脚本或附件，不能收。请拍照上传"
SWELLS = "这个 PDF 展开以后太大，不能收。请重新扫描，或者拍照上传"


REFUSED = {"locked": LOCKED, "active": ACTIVE, "swells": SWELLS}


class Taken(NamedTuple):
    """A file as it is kept. ``pages``: 1 for a picture; ``name``: to be shown, never a path."""

    content: bytes
    media_type: str
    extension: str
    pages: int
    name: str


def take(file, *, name: str, field: str = "file") -> Taken:
    """Read an uploaded file into the form it is kept in. Raises Invalid on ``field``.

    ``file``: anything with ``read``; of more than MOST_BYTES one byte is read to know.
    """
    content = file.read(MOST_BYTES + 1)
    name = clean_name(name)
    if len(content) > MOST_BYTES:
        raise too_large(getattr(file, "size", None) or len(content), name, field)
    kind = _kind_of(content, name, field)
    opened = open_apart(content, kind)
    if opened.word != "ok":
        raise _refusal(opened, content, kind, field)
    stem = PurePosixPath(name).stem if _extension(name) else name
    if kind == "pdf":
        return Taken(content, PDF, "pdf", opened.number, clean_name(f"{stem}.pdf"))
    return Taken(opened.content, JPEG, "jpg", 1, clean_name(f"{stem}.jpg"))


def _kind_of(content, name, field) -> str:
    """What to open it as, when its first bytes and its name agree."""
    import filetype

    if not content:
        raise Invalid.because(field, "cut_off", CUT_OFF)
    is_heif = content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS
    media_type = filetype.guess_mime(content)
    if media_type in OTHER_PICTURES:
        other = OTHER_PICTURES[media_type]
        detail = f"这是 {other} 图片，不能收。请打开图片用手机截图，再传截图；或者另存为 JPG、PNG 再传"
        raise Invalid.because(field, "unreadable", detail)
    kind = KINDS.get(media_type) or ("heif" if is_heif and media_type is None else None)
    if kind is None or _extension(name) not in EXTENSIONS[kind]:
        raise Invalid.because(field, "unreadable", UNREADABLE)
    return kind


def _refusal(opened, content, kind, field) -> Invalid:
    if opened.word == "too_many_pixels":
        detail = (
            f"照片有 {_ten_thousands(opened.number)} 万像素，最多 {_ten_thousands(MOST_PIXELS)} 万。"
            "请把相机的清晰度调低，重拍一张"
        )
    elif opened.word == "too_many_pages":
        detail = f"这个 PDF 有 {opened.number} 页，最多 {MOST_PAGES} 页。请只留要用的页"
    elif opened.word in REFUSED:
        detail = REFUSED[opened.word]
    elif kind == "pdf" and b"%%EOF" in content[-1024:]:
        detail = BROKEN_PDF
    else:
        return Invalid.because(field, "cut_off", CUT_OFF)
    return Invalid.because(field, opened.word, detail)


def _ten_thousands(number) -> str:
    return f"{-(-number // 10_000):,}"


def too_large(size: int, name: str, field: str = "file") -> Invalid:
    """The refusal of a file of ``size`` bytes."""
    what, instead = ("文件", "分成几个再传") if _extension(name) == "pdf" else ("照片", "重拍一张")
    detail = f"{what}有 {-(-size // MEGABYTE)} MB，最大 {MOST_BYTES // MEGABYTE} MB。请{instead}"
    return Invalid.because(field, "too_large", detail)


def clean_name(name: str) -> str:
    """A file name to show: its last part, without what cannot be seen or turns the reading round, at most 255 bytes.
    People name pictures after whom they show: no number stays readable in it."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    seen = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    seen = " ".join(seen.split()).strip(". ")
    extension = _extension(seen)
    ending = f".{extension}" if extension else ""
    stem = seen[: len(seen) - len(ending)] if ending else seen
    plain = unicodedata.normalize("NFKC", stem)
    stem = stem if masked(plain) == plain else masked(plain)
    room = NAME_BYTES - len(ending.encode())
    return (stem.encode()[:room].decode(errors="ignore") or "材料") + ending


def _extension(name) -> str:
    """In small letters; empty where there is none, or none that could be one."""
    ending = PurePosixPath(name).suffix[1:].lower()
    return ending if ending.isascii() and ending.isalnum() and len(ending) <= 10 else ""


# What was taken


class Damaged(Exception):
    """A kept picture opens no more: the disk has changed it."""


@contextmanager
def _opened(content) -> Iterator:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            yield image
    except OSError as problem:
        raise Damaged from problem


def rotate(content: bytes, degrees: int) -> bytes:
    """A kept picture turned clockwise by 90, 180 or 270 degrees. Raises Damaged."""
    from PIL import Image

    turns = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    with _opened(content) as image:
        return jpeg(image.transpose(turns[degrees]))


def thumbnail(content: bytes) -> bytes:
    """A kept picture, small. Raises Damaged."""
    with _opened(content) as image:
        image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return jpeg(image)


# In a request


class UpToTheLimit(FileUploadHandler):
    """Lets go of a file once it is over the limit, so that no upload fills memory or disk."""

    def receive_data_chunk(self, raw_data, start) -> bytes:
        if start + len(raw_data) > MOST_BYTES:
            self.request.upload_let_go = self.file_name  # type: ignore[union-attr]  # ours, for the page
            raise SkipFile
        return raw_data

    def file_complete(self, file_size) -> None:
        return None


def takes_files(view) -> Callable:
    """Decorator of a view with a form that sends files. It has to stand outermost: the form must not be read before."""

    @csrf_exempt
    @wraps(view)
    def with_limit(request, *args, **kwargs) -> HttpResponse:
        request.upload_handlers.insert(0, UpToTheLimit(request))
        refuse_nul_in_form(request)
        return csrf_protect(view)(request, *args, **kwargs)

    return with_limit


def sent(request, field: str = "file") -> object:
    """The file that was sent as ``field``, in a view that ``takes_files``. Raises Invalid."""
    file = request.FILES.get(field)
    if file is not None:
        return file
    if let_go := getattr(request, "upload_let_go", None):
        stated = int(request.META.get("CONTENT_LENGTH") or 0)
        raise too_large(max(stated, MOST_BYTES + 1), let_go, field)
    raise Invalid.because(field, "required", MISSING)

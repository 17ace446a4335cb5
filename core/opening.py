"""Opens an uploaded file in a process of its own: what hostile bytes can use up or break is that process alone.

``open_apart`` starts it. The child reads the file from its input and writes one line, ``ok 3`` (pages) or the word
for why not, and after it the picture as it is kept. It imports nothing of the portal.
"""

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # opening pictures is for a process of its own
    from PIL.Image import Image

LONGEST_SIDE = 3_000
MOST_PIXELS = 40_000_000
MOST_PAGES = 200
QUALITY = 85
SECONDS, MEMORY = 20, 1 << 30
MOST_UNPACKED = 32 << 20  # of a stream that holds objects of a PDF
MOST_OF_STREAM = 128 << 20  # of any other: a page in colour, scanned finely and packed without loss
_SCRIPT = re.compile(r"(javascript|vbscript|data|file):")
# A photo that loads bit by bit has about ten scans; thousands of them keep a processor busy for minutes.
MOST_SCANS = 100
# What begins a part of a JPEG that says how long it is, or ends it all. The others stand among the pixels.
_MARKER, _SCAN, _END = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]"), 0xDA, 0xD9
FORMATS = {"image": ["JPEG", "PNG"], "heif": ["HEIF"]}
# What can act, hide a file or call out. Names of a PDF reach us with their #-escapes resolved.
FORBIDDEN = {
    "/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/AA", "/XFA", "/GoToE",
    "/SubmitForm", "/ImportData",
}  # fmt: skip


class Opened(NamedTuple):
    """``word``: ok, or why not (unreadable, too_many_pixels, too_many_pages, locked, active, swells). ``number``: how
    many pages, or pixels. ``content``: of a picture, the JPEG to keep."""

    word: str
    number: int = 0
    content: bytes = b""


def open_apart(content: bytes, kind: str) -> Opened:
    """Open ``content`` as ``kind`` (image, heif, pdf). Whatever becomes of the child, the answer is an Opened."""
    command = [sys.executable, "-I", __file__, kind]
    try:
        # Our keys stand in the environment: the child gets none of it.
        child = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, env={})
    except subprocess.TimeoutExpired:
        return Opened("unreadable")
    line, _, rest = child.stdout.partition(b"\n")
    if child.returncode or not line:
        return Opened("unreadable")
    word, number = line.decode("ascii").split()
    return Opened(word, int(number), rest)


def picture(content: bytes, kind: str) -> Opened:
    """The picture written anew, upright and no larger than needed, without anything that was attached to it."""
    from PIL import Image

    if kind == "heif":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    elif content.startswith(b"\xff\xd8") and _scans(content) > MOST_SCANS:
        return Opened("unreadable")
    Image.MAX_IMAGE_PIXELS = None  # ours is lower, and tells how many there are
    image = Image.open(io.BytesIO(content), formats=FORMATS[kind])
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:  # before one of them is decoded
        return Opened("too_many_pixels", pixels)
    return Opened("ok", 1, jpeg(_upright(image)))


def _scans(content) -> int:
    """How often the pixels of a JPEG are gone over. Behind its end may lie the film of a moving photo."""
    place, scans = 2, 0
    while (found := _MARKER.search(content, place)) and content[found.start() + 1] != _END:
        scans += content[found.start() + 1] == _SCAN
        place = found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")
    return scans


def _upright(image) -> "Image":
    from PIL import ImageOps

    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA")
    elif image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off at white
        image = image.point(lambda value: value / 256).convert("L")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return ImageOps.exif_transpose(image)


def jpeg(image) -> bytes:
    """An image as JPEG on white. It is painted on a new one, since Pillow carries comments and profiles over."""
    from PIL import Image

    clean = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        clean.paste(image, mask=image.getchannel("A"))
    else:
        clean.paste(image.convert("RGB"))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def document(content: bytes) -> Opened:
    """What there is to say against a PDF. It stays byte for byte, for signatures in it would break."""
    import pikepdf
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(flate_max_memory=MOST_UNPACKED)
    try:
        # A viewer may mend a broken file in another way than we would, and find what we did not.
        pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False)
    except pikepdf.PasswordError:
        return Opened("locked")
    if pdf.is_encrypted:
        return Opened("locked")
    if _opens_with_an_action(pdf) or any(map(_is_active, pdf.objects)):
        return Opened("active")
    if pdf.get_warnings():  # an object that could not be read might hold anything
        return Opened("unreadable")
    if any(map(_swells, pdf.objects)):
        return Opened("swells")
    pages = len(pdf.pages)
    if pages > MOST_PAGES:
        return Opened("too_many_pages", pages)
    return Opened("ok", pages) if pages else Opened("unreadable")


def _opens_with_an_action(pdf) -> bool:
    """Many programs write which page to show first. Only what does something else is an action."""
    import pikepdf

    opens = pdf.Root.get("/OpenAction")
    return isinstance(opens, pikepdf.Dictionary) and opens.get("/S") != "/GoTo"


def _swells(item) -> bool:
    """Whether a stream unpacks to more than any page needs. Of photos, whose packing is their own, the viewer knows how
    large they are."""
    import pikepdf
    from pikepdf.settings import set_qpdf_limits

    if not isinstance(item, pikepdf.Stream):
        return False
    set_qpdf_limits(flate_max_memory=MOST_OF_STREAM)
    try:
        return len(item.read_bytes()) > MOST_OF_STREAM
    except pikepdf.PdfError as problem:  # the limit; else a packing of photos, or one that is broken
        return "limit exceeded" in str(problem)
    except MemoryError:
        return True


def _is_active(item) -> bool:
    """Whether one object, with what is written inside it, names anything forbidden."""
    import pikepdf

    waiting = [item]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Name):
            if str(part) in FORBIDDEN:
                return True
        elif isinstance(part, pikepdf.String):  # viewers skip blanks in an address
            if _SCRIPT.match("".join(sign for sign in str(part)[:200] if sign > " ").lower()):
                return True
        elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            if not FORBIDDEN.isdisjoint(part.keys()):
                return True
            waiting += [value for value in part.values() if _is_inside(value)]
        elif isinstance(part, pikepdf.Array):
            waiting += [value for value in part if _is_inside(value)]
    return False


def _is_inside(value) -> bool:
    return not getattr(value, "is_indirect", False)  # those come by themselves


def _main(kind) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    try:
        found = document(content) if kind == "pdf" else picture(content, kind)
    except Exception:  # noqa: BLE001 - parsers of broken files raise anything
        found = Opened("unreadable")
    sys.stdout.buffer.write(f"{found.word} {found.number}\n".encode() + found.content)


if __name__ == "__main__":
    _main(sys.argv[1])

"""Pictures made by the tests: as phones make them, as nobody should, and what is known of them."""

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

CANARY = b"canary-1f6a"
MARK = (200, 20, 20)  # a red corner, at the top left of what people see
ORIENTATION, GPS = 0x0112, 0x8825


def seen(width=64, height=48, mode="RGB"):
    """A white picture with a red top left quarter."""
    image = Image.new("RGB", (width, height), "white")
    image.paste(MARK, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def saved(image, format="JPEG", **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def exif(orientation=1, gps=False):
    found = Image.Exif()
    found[ORIENTATION] = orientation
    found[0x010E] = CANARY.decode()
    if gps:
        found.get_ifd(GPS).update({1: "N", 2: (26.0, 35.0, 11.0), 3: "E", 4: (104.0, 50.0, 3.0)})
    return found


# What a camera stores so that turning by the orientation gives the picture people see.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(orientation, format="JPEG", **options):
    image = seen()
    if STORED_AS[orientation] is not None:
        image = image.transpose(STORED_AS[orientation])
    return saved(image, format, exif=exif(orientation, gps=True), **options)


def heic(image=None, **options):
    from pillow_heif import from_pillow

    out = io.BytesIO()
    from_pillow(image or seen()).save(out, **options)
    return out.getvalue()


def noise(side=256):
    return Image.effect_noise((side, side), 90).convert("RGB")


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, data=b"", depth=8, colour=2, before=b""):
    """A PNG written by hand, whatever its parts say."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_with_text():
    text = PngInfo()
    text.add_text("Comment", "<script>" + CANARY.decode() + "</script>")
    return saved(seen(), "PNG", pnginfo=text, exif=exif(gps=True))


def sixteen_bits():
    grey = Image.new("I;16", (64, 48), 65_535)
    grey.paste(Image.new("I;16", (32, 24), 20_000), (0, 0))
    return saved(grey, "PNG")


def animated(format):
    return saved(seen(), format, save_all=True, append_images=[noise(64).resize((64, 48))], duration=100)


def jpeg_of(width, height):
    """A JPEG whose header says another size than what is in it."""
    content = bytearray(saved(seen()))
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def many_scans(times=2_000):
    """A progressive JPEG whose last scan comes over and over."""
    content = saved(noise(64), progressive=True)
    place = content.rindex(b"\xff\xda")
    return content[:place] + content[place:-2] * times + b"\xff\xd9"

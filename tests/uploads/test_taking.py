"""What becomes of files from people: refused in words that help, or kept in a form that can do nothing."""

import io
import re
import subprocess
import sys
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.errors import Invalid
from core.uploads import MOST_BYTES, clean_name, rotate, take, thumbnail
from tests.settings import BASE_DIR

from . import pictures
from .corpus import HOSTILE, ODD, cases
from .documents import pdf
from .pictures import CANARY, GPS, MARK, heic, saved, seen, turned

REFUSED = [case for case in cases() if case.becomes != "kept"]
KEPT = [case for case in cases(ODD) if case.becomes == "kept"]
SENTENCES = {
    "cut_off": "上传中断了，文件不完整。请再传一次；还不行就重拍一张",
    "locked": "这个 PDF 加了密码，打不开。请去掉密码再传，或者拍照上传",
    "active": "这个 PDF 里有脚本或附件，不能收。请拍照上传",
    "swells": "这个 PDF 展开以后太大，不能收。请重新扫描，或者拍照上传",
}
# The marker of what may stand before the pixels: JFIF's own, tables, frame, scan.
MARKERS = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


def taken(content, name="a.jpg"):
    return take(io.BytesIO(content), name=name)


def markers(content):
    """The markers of a JPEG up to its pixels."""
    found, place = [content[1]], 2
    while found[-1] != 0xDA:
        found.append(content[place + 1])
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return set(found)


def looks_like(content, picture):
    """Whether a JPEG shows the red corner at the top left, and white elsewhere."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    width, height = image.size
    corner, rest = (image.getpixel((width * part // 8, height * part // 8)) for part in (1, 7))
    near = all(abs(one - other) < 40 for one, other in zip(corner, picture, strict=True))
    return (width > height, near, min(rest) > 215)


def test_the_corpus_is_large_enough():
    hostile = {
        case.made for case in cases(HOSTILE) if isinstance(case.made, bytes)
    }  # to make the others takes long

    assert len(hostile) >= 60


@pytest.mark.crawl
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.title)
def test_a_hostile_file_is_refused_in_words_that_say_what_to_do(case):
    with pytest.raises(Invalid) as refusal:
        taken(case.content, case.name)

    (fault,) = refusal.value.faults
    assert (fault.field, fault.code) == ("file", case.becomes)
    assert re.search("请", fault.detail)
    assert max(map(len, re.split("[。；]", fault.detail))) <= 40
    assert fault.detail == SENTENCES.get(case.becomes, fault.detail)


@pytest.mark.crawl
@pytest.mark.parametrize("case", KEPT, ids=lambda case: case.title)
def test_an_odd_file_is_kept_in_a_form_that_can_do_nothing(case):
    content = case.content

    found = taken(content, case.name)

    if found.extension == "pdf":
        assert (found.content, found.media_type) == (content, "application/pdf")
    else:
        image = Image.open(io.BytesIO(found.content))
        assert (image.format, image.mode, found.media_type, found.pages) == ("JPEG", "RGB", "image/jpeg", 1)
        assert markers(found.content) <= MARKERS
        assert CANARY not in found.content
        assert found.content.endswith(b"\xff\xd9")
        assert max(image.size) <= 3_000
    assert found.name == clean_name(found.name)
    assert found.name.endswith(f".{found.extension}")


@pytest.mark.parametrize("orientation", pictures.STORED_AS)
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_photo_stands_upright_however_the_camera_held_it(orientation, format):
    found = taken(turned(orientation, format))

    assert looks_like(found.content, MARK) == (True, True, True)


def test_a_photo_of_an_iphone_is_read_and_stands_upright():
    content = heic(seen().transpose(Image.Transpose.ROTATE_90), exif=pictures.exif(6, gps=True).tobytes())

    found = taken(content, "IMG_0001.HEIC")

    assert looks_like(found.content, MARK) == (True, True, True)
    assert (found.name, found.media_type) == ("IMG_0001.jpg", "image/jpeg")


def test_where_a_photo_was_taken_is_gone():
    content = saved(seen(), exif=pictures.exif(gps=True))
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(GPS)

    found = Image.open(io.BytesIO(taken(content).content))

    assert (dict(found.getexif()), set(found.info)) == (
        {},
        {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
    )


def test_what_is_see_through_becomes_white_and_sixteen_bits_keep_their_grey():
    clear = Image.new("RGBA", (64, 48), (0, 0, 0, 0))

    white = Image.open(io.BytesIO(taken(saved(clear, "PNG"), "a.png").content))
    grey = Image.open(io.BytesIO(taken(pictures.sixteen_bits(), "a.png").content))

    assert white.getpixel((5, 5)) == (255, 255, 255)
    assert [abs(grey.getpixel(place)[0] - value) < 4 for place, value in (((4, 4), 78), ((60, 40), 255))] == [
        True
    ] * 2


def test_a_large_photo_is_kept_no_larger_than_needed():
    found = taken(saved(Image.new("RGB", (6_000, 4_000), "white")))

    assert Image.open(io.BytesIO(found.content)).size == (3_000, 2_000)


def test_pages_are_counted():
    assert taken(pdf(pages=3), "合同.PDF")[1:] == ("application/pdf", "pdf", 3, "合同.pdf")


def test_the_refusal_of_a_large_photo_names_both_sizes():
    content = saved(seen()) + bytes(24 * (1 << 20) - 1_000)

    with pytest.raises(Invalid) as refusal:
        take(SimpleUploadedFile("a.jpg", content), name="a.jpg")

    assert str(refusal.value) == "照片有 24 MB，最大 20 MB。请重拍一张"


def test_of_an_endless_file_no_more_is_read_than_the_limit():
    class Endless:
        read_so_far = 0

        def read(self, size):
            self.read_so_far += size
            return bytes(size)

    file = Endless()
    with pytest.raises(Invalid, match="最大 20 MB"):
        take(file, name="a.jpg")

    assert file.read_so_far == MOST_BYTES + 1


# What was kept


@pytest.mark.parametrize(
    ("degrees", "size", "corner"),
    [(90, (48, 64), (40, 8)), (180, (64, 48), (56, 40)), (270, (48, 64), (8, 56))],
)
def test_a_picture_is_turned_clockwise(degrees, size, corner):
    image = Image.open(io.BytesIO(rotate(taken(saved(seen())).content, degrees)))

    assert image.size == size
    assert all(abs(one - other) < 40 for one, other in zip(image.getpixel(corner), MARK, strict=True))


def test_a_thumbnail_is_small():
    found = thumbnail(taken(saved(Image.new("RGB", (1_000, 500)))).content)

    assert Image.open(io.BytesIO(found)).size == (320, 160)


# Names


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        (r"C:\Users\a\照片.JPG", "照片.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("e\u0301.jpg", "é.jpg"),
        ("a\0b\r\nc.jpg", "abc.jpg"),
        ("  a \t b .jpg", "a b .jpg"),
        ("", "材料"),
        ("....", "材料"),
        ("长" * 300 + ".jpg", "长" * 83 + ".jpg"),
        ("营业执照", "营业执照"),
        ("52020119791114604X 的证件.jpg", "*** 的证件.jpg"),
        ("１３５７０２４６８９１.jpg", "***.jpg"),
    ],
)
def test_a_name_is_only_shown_and_says_what_it_seems_to_say(given, shown):
    assert clean_name(given) == shown


@pytest.mark.parametrize(
    "case", [case for case in KEPT if "called" in case.title], ids=lambda case: case.title
)
def test_a_name_keeps_to_its_bounds(case):
    name = taken(case.content, case.name).name

    assert 0 < len(name.encode()) <= 255
    assert not {"/", "\\"} & set(name)
    assert [sign for sign in name if unicodedata.category(sign)[0] == "C"] == []


# Cost


@pytest.mark.parametrize("one_in", [10, pytest.param(1, marks=pytest.mark.long)])
def test_the_corpus_costs_no_memory(one_in):
    command = [sys.executable, "-m", "tests.uploads.run_corpus", str(one_in)]

    ran = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)

    growth, child = map(int, ran.stdout.split())
    assert growth <= 100
    assert child <= 600


@pytest.mark.parametrize(
    ("kind", "name"), [("WEBP", "a.webp"), ("WEBP", "a.jpg"), ("GIF", "a.gif"), ("BMP", "a.bmp")]
)
def test_a_picture_of_another_kind_is_told_how_to_be_sent(kind, name):
    with pytest.raises(Invalid) as refusal:
        taken(saved(seen(), kind), name)

    assert str(refusal.value) == (
        f"这是 {kind} 图片，不能收。请打开图片用手机截图，再传截图；或者另存为 JPG、PNG 再传"
    )

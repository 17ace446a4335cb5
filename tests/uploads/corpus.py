"""Files that should be refused, and odd ones that should be made harmless, all made by script.

Every case says what becomes of it: ``kept``, or the code of its refusal.
"""

import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from core.uploads import MOST_BYTES

from . import documents, pictures
from .documents import CATALOGUE, action, annotation, bomb, by_hand, on_link, pdf, root, script
from .pictures import CANARY, chunk, exif, heic, jpeg_of, noise, png, saved, seen, turned


class Case(NamedTuple):
    """``made``: the bytes, or what makes them where that takes long."""

    title: str
    made: bytes | Callable[[], bytes]
    name: str
    becomes: str

    @property
    def content(self):
        return _made_once(self.made) if callable(self.made) else self.made


@cache
def _made_once(made):
    return made()


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "0" * 100_000)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
EXE = b"MZ\x90\0" + bytes(200)


def not_what_we_take():
    """Other kinds of files, under their own names and under ours."""
    kinds = {
        "gif": saved(seen(), "GIF"),
        "bmp": saved(seen(), "BMP"),
        "tiff": saved(seen(), "TIFF"),
        "webp": saved(seen(), "WEBP"),
        "svg": SVG,
        "html": HTML,
        "zip": zipped(),
        "docx": zipped(),
        "exe": EXE,
        "txt": "我的身份证".encode(),
        "sh": b"#!/bin/sh\nrm -rf /\n",
        "ps": b"%!PS-Adobe-3.0\nshowpage\n",
        "rtf": rb"{\rtf1 hello}",
        "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(200),
        "elf": b"\x7fELF" + bytes(200),
        "gz": lambda: gzip.compress(bytes(50 << 20), 1),
        "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(200),
    }
    for kind, content in kinds.items():
        for name in (f"a.{kind}", "a.jpg", "a.pdf"):
            yield Case(f"{kind} as {name}", content, name, "unreadable")
    yield Case("animated webp", pictures.animated("WEBP"), "a.jpg", "unreadable")
    yield Case("nothing in it", b"", "a.jpg", "cut_off")
    yield Case("one byte", b"\xff", "a.jpg", "unreadable")
    yield Case("zeros", bytes(5_000), "a.jpg", "unreadable")
    yield Case("noise", os.urandom(5_000).replace(b"\xff\xd8", b"ab"), "a.heic", "unreadable")


def misnamed():
    photo, document = saved(seen()), pdf()
    for name in ("a.pdf", "a.exe", "a.html", "a.svg", "a.jpg.exe", "photo\u202egpj.exe", "a.php"):
        yield Case(f"photo as {name!r}", photo, name, "unreadable")
    for name in ("a.jpg", "a.html", "a.heic", "a.docx"):
        yield Case(f"document as {name}", document, name, "unreadable")
    yield Case("document behind a page of HTML", HTML + document, "a.pdf", "unreadable")


def too_big():
    yield Case("photo of 24 MB", saved(seen()) + bytes(24 * (1 << 20) - 700), "a.jpg", "too_large")
    yield Case("a byte over the limit", bytes(MOST_BYTES + 1), "a.pdf", "too_large")
    yield Case("PNG of ten thousand million pixels", png(100_000, 100_000), "a.png", "too_many_pixels")
    black = zlib.compress(bytes(7_000 * (875 + 1)), 9)
    yield Case("PNG of 49 million pixels", png(7_000, 7_000, black, 1, 0), "a.png", "too_many_pixels")
    yield Case("JPEG that says it is huge", jpeg_of(65_500, 65_500), "a.jpg", "too_many_pixels")
    yield Case("HEIC of 41 million pixels", large_heic, "a.heic", "too_many_pixels")
    yield Case("HEIC that says it is huge", huge_heic(), "a.heic", "cut_off")


def large_heic():
    return heic(Image.new("L", (6_400, 6_400)), quality=1, enc_params={"preset": "ultrafast"})


def huge_heic():
    content = heic()
    place = content.index(b"ispe") + 8
    return content[:place] + struct.pack(">II", 9_000, 9_000) + content[place + 8 :]


def broken_pictures():
    photo, drawing, apple = saved(noise()), saved(noise(), "PNG"), heic(noise())
    for tenth in range(1, 10):
        for content, name in ((photo, "a.jpg"), (drawing, "a.png"), (apple, "a.heic")):
            yield Case(
                f"{name} cut off at {tenth}/10", content[: len(content) * tenth // 10], name, "cut_off"
            )
    yield Case("JPEG with nothing but its first bytes", photo[:4], "a.jpg", "cut_off")
    yield Case("JPEG of two thousand scans", pictures.many_scans(), "a.jpg", "cut_off")
    yield Case("PNG without size", png(0, 0), "a.png", "cut_off")
    yield Case("PNG without pixels", png(64, 48), "a.png", "cut_off")
    yield Case("PNG with a bomb in a text", bomb_in_a_text, "a.png", "cut_off")


def bomb_in_a_text():
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 << 20), 1))
    return png(64, 48, b"", before=text)


def active_documents():
    away = String("https://a.cn/")
    found = {
        "script on opening": action(S=Name.JavaScript, JS=String("app.alert(1)")),
        "address on opening": action(S=Name.URI, URI=away),
        "program on a link": on_link(S=Name.Launch, F=String("cmd.exe")),
        "script on a link": annotation(Subtype=Name.Link, A=script()),
        "form sent away": on_link(S=Name.SubmitForm, F=away),
        "data brought in": on_link(S=Name.ImportData, F=String("a.fdf")),
        "file inside gone to": on_link(S=Name.GoToE, D=String("a")),
        "film": annotation(Subtype=Name.RichMedia),
        "actions of the document": root(AA=Dictionary(WC=script())),
        "forms in XML": root(AcroForm=Dictionary(XFA=String("<xdp/>"))),
        "files in the names": root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array()))),
        "actions of a page": documents.on_page,
        "script in the tree of names": documents.names_tree,
        "attachment": documents.attachment,
        "script two hundred lists deep": documents.deep,
        "script as the next action": documents.next_action,
        "kind of action elsewhere": documents.kind_elsewhere,
        "script of a field": documents.field_script,
        "script for an address": on_link(S=Name.URI, URI=String("javascript:alert(1)")),
        "script for an address, in odd letters": on_link(S=Name.URI, URI=String(" Java\tScript\n:alert(1)")),
        "page written into an address": on_link(S=Name.URI, URI=String("data:text/html,<script>")),
        "file for an address": on_link(S=Name.URI, URI=String("file:///etc/passwd")),
        "script before every address": root(URI=Dictionary(Base=String("javascript:"))),
    }
    for title, change in found.items():
        yield Case(title, pdf(change), "a.pdf", "active")
        packed = pdf(change, **documents.OBJECT_STREAMS)
        yield Case(f"{title}, packed", packed, "a.pdf", "active")
    yield Case("script under another spelling", documents.escaped(), "a.pdf", "active")


def broken_documents():
    whole = pdf(pages=3)
    for tenth in range(1, 10):
        yield Case(f"document cut off at {tenth}/10", whole[: len(whole) * tenth // 10], "a.pdf", "cut_off")
    lost = by_hand().replace(b"startxref\n", b"startxref\n9")
    yield Case("document without its table", lost, "a.pdf", "unreadable")
    yield Case("document without pages", pdf(pages=0), "a.pdf", "unreadable")
    yield Case("pages within themselves", documents.loops_in_pages(), "a.pdf", "unreadable")
    yield Case("table after itself", by_hand(before_itself=True), "a.pdf", "unreadable")
    yield Case("a hundred thousand lists in each other", documents.nested(), "a.pdf", "unreadable")
    yield Case("object stream of 2 GB of spaces", partial(bomb, b" ", 2_000), "a.pdf", "unreadable")
    yield Case("a hundred million numbers", partial(bomb, b"0 ", 200, b"[", b"]"), "a.pdf", "unreadable")
    yield Case(
        "script behind 2 GB of spaces",
        partial(bomb, b" ", 2_000, closing=b"<</JS(a)>>"),
        "a.pdf",
        "unreadable",
    )
    for megabytes, title in ((200, "page"), (2_000, "page that takes long")):
        large = partial(documents.swelling, megabytes)
        yield Case(f"{title}, unpacked to {megabytes} MB", large, "a.pdf", "swells")
    yield Case("document of a password", documents.encrypted(), "a.pdf", "locked")
    yield Case("document nobody may print", documents.encrypted(user=""), "a.pdf", "locked")
    yield Case("document of 201 pages", pdf(pages=201), "a.pdf", "too_many_pages")


def odd_pictures():
    """Pictures that are taken, and of which nothing but what they show is left."""
    photo = saved(seen(), comment=b"<script>" + CANARY + b"</script>")
    found = {
        "comment": photo,
        "archive behind": photo + zipped(),
        "page behind": photo + HTML + CANARY,
        "program behind": photo + b"<?php system('" + CANARY + b"'); ?>",
        "document behind": photo + pdf(),
        "place and text": saved(seen(), exif=exif(gps=True)),
        "colour profile": saved(seen(), icc_profile=CANARY * 20),
        "XMP": saved(seen(), xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
        "film behind": saved(seen(), exif=exif()) + b"\xff\xda" * 1_000 + CANARY,
        "CMYK": saved(seen(mode="CMYK")),
        "grey": saved(seen(mode="L")),
        "progressive": saved(seen(), progressive=True),
        "two pictures": saved(seen(), "MPO", save_all=True, append_images=[noise(64)]),
        "PNG with text": pictures.png_with_text(),
        "PNG, see-through": saved(seen(mode="RGBA"), "PNG"),
        "PNG, grey and see-through": saved(seen(mode="LA"), "PNG"),
        "PNG of few colours": saved(seen(mode="P"), "PNG", transparency=0),
        "PNG in black and white": saved(seen(mode="1"), "PNG"),
        "PNG of 16 bits": pictures.sixteen_bits(),
        "PNG that moves": pictures.animated("PNG"),
        "one row of a hundred thousand": saved(Image.new("RGB", (100_000, 1)), "PNG"),
    }
    for title, content in found.items():
        yield Case(title, content, "a.png" if "PNG" in title else "a.jpg", "kept")
    for orientation in pictures.STORED_AS:
        yield Case(f"photo held as {orientation}", turned(orientation), "a.jpg", "kept")
    yield Case("HEIC", heic(exif=exif(gps=True).tobytes()), "IMG_0001.HEIC", "kept")
    yield Case("HEIC, see-through", heic(seen(mode="RGBA")), "a.heic", "kept")
    yield Case("HEIC called JPG", heic(), "a.jpg", "kept")
    yield Case("JPEG called HEIC", photo, "a.heic", "kept")
    yield Case("PNG called JPG", saved(seen(), "PNG"), "a.jpg", "kept")
    yield Case("photo without an ending", photo, "image", "kept")


def odd_names():
    photo = saved(seen())
    names = (
        "../../etc/passwd.jpg", r"C:\Users\a\照片.JPG", "a\0.jpg", "a\r\nSet-Cookie: b=1.jpg", "\u202egpj.a.jpg",
        "长" * 300 + ".jpg", "....", "", ".jpg", "e\u0301.jpg", "a" + "\u200b" * 50 + ".jpg", '"><img src=x>.jpg',
    )  # fmt: skip
    for name in names:
        yield Case(f"photo called {name[:30]!r}", photo, name, "kept")


def clean_documents():
    first_page = root(OpenAction=Array([0, Name.Fit]))
    yield Case("document", pdf(), "a.pdf", "kept")
    yield Case("document of 200 pages", pdf(pages=200), "A.PDF", "kept")
    yield Case("document that says which page to show", pdf(first_page), "a.pdf", "kept")
    yield Case("document with a link", pdf(on_link(S=Name.URI, URI=String("https://a.cn/"))), "a.pdf", "kept")
    yield Case("document with a page of 60 MB", partial(documents.swelling, 60), "a.pdf", "kept")
    yield Case("document in streams", pdf(**documents.OBJECT_STREAMS), "a.pdf", "kept")
    yield Case("document written by hand", by_hand(CATALOGUE, b"null", b"[]"), "a.pdf", "kept")


HOSTILE = (not_what_we_take, misnamed, too_big, broken_pictures, active_documents, broken_documents)
ODD = (odd_pictures, odd_names, clean_documents)


@cache
def cases(kinds=HOSTILE + ODD):
    return [case for kind in kinds for case in kind()]

"""What can be read off a PDF of ours: its glyphs looked up in the font's own table of characters."""

import re
from io import BytesIO

import pikepdf


def text_of(content: bytes) -> str:
    """All of it, without blanks, page by page."""
    with pikepdf.open(BytesIO(content)) as document:
        return "".join(_page(page) for page in document.pages)


def _page(page) -> str:
    (font,) = page.resources.Font.values()
    known = _characters(font.ToUnicode.read_bytes().decode("ascii"))
    shown = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            shown += [known.get(int.from_bytes(raw[at : at + 2], "big"), "") for at in range(0, len(raw), 2)]
    return re.sub(r"\s", "", "".join(shown))


def _characters(table) -> dict[int, str]:
    """``{glyph: character}`` of a ToUnicode table: single ones, and ranges."""
    found = {}
    for section in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, character in re.findall(r"<(\w+)>\s*<(\w+)>", section):
            found[int(glyph, 16)] = bytes.fromhex(character).decode("utf-16-be")
    for section in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, character in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", section):
            for place, glyph in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[glyph] = chr(int(character, 16) + place)
    return found

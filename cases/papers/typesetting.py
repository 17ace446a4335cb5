"""An official letter set as a PDF."""

from fpdf import FPDF
from fpdf.enums import XPos, YPos

ABSENT_GLYPH = "〓"
GLYPH_NOTE = f"{ABSENT_GLYPH} 处是字库里没有的字，以登记信息为准。"
FOOTER = "六盘水市个体工商户政策直通车 · 有疑问请拨 12345"


class _Sheet(FPDF):
    """A4 with the footer of every letter."""

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font_size(9)
        self.cell(0, 6, f"{FOOTER} · 第 {self.page_no()} 页", align="C")


def typeset(paper, font) -> bytes:
    """``paper``: a sheet.Paper; ``font``: as fonts.found() gives it."""
    sheet = _Sheet(format="A4")
    sheet.set_margins(22, 20)
    sheet.set_auto_page_break(True, 22)
    sheet.set_creation_date(paper.at)
    sheet.add_font("letter", fname=font.path, collection_font_number=font.face)
    sheet.set_font("letter", size=11)
    sheet.set_title(paper.title)
    sheet.set_lang("zh-CN")
    sheet.add_page()
    _write(sheet, paper, _Glyphs(sheet.fonts["letter"].cmap))
    return bytes(sheet.output())


class _Glyphs:
    """Text as far as the font has it; remembers whether something was left out."""

    def __init__(self, cmap) -> None:
        self.cmap, self.lacks = cmap, False

    def __call__(self, text) -> str:
        shown = "".join(one if ord(one) in self.cmap else self._instead(one) for one in text)
        return shown

    def _instead(self, one) -> str:
        if one.isspace():
            return " "
        self.lacks = True
        return ABSENT_GLYPH if ord(ABSENT_GLYPH) in self.cmap else "?"


def _write(sheet, paper, glyphs) -> None:
    def line(text, size=11, height=7.5, align="L") -> None:
        sheet.set_font_size(size)
        sheet.multi_cell(0, height, glyphs(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    line(paper.title, 20, 14, "C")
    if paper.number:
        line(f"编号 {paper.number}", 10, 7, "C")
    sheet.ln(6)
    if paper.to:
        line(f"{paper.to}：")
    line(paper.opening)
    for heading, lines in paper.blocks:
        sheet.ln(3)
        line(heading, 12.5, 8.5)
        for text in lines:
            line(text)
    sheet.ln(10)
    for text in paper.signatures:
        line(text, height=14)
    if not paper.signatures:
        line(paper.signed, align="R")
        line(paper.date, align="R")
    if glyphs.lacks:
        sheet.ln(4)
        line(GLYPH_NOTE, 9, 6)

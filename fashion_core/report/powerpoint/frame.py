"""What every slide has: a title, a finding, the source at its foot and in its notes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from fashion_core.report.content import Document

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
INK, SOFT, WARNING = RGBColor(0x1D, 0x23, 0x2B), RGBColor(0x4D, 0x57, 0x62), RGBColor(0x8A, 0x3B, 0x00)
TITLE_ONLY = 5  # place of that layout in the standard template


@dataclass(frozen=True)
class Area:
    """A part of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


AREA = Area(Inches(0.5), Inches(1.3), Inches(12.33), Inches(5.3))


class Frame:
    """One slide."""

    def __init__(self, presentation: Any, document: Document) -> None:
        self.document = document
        self._slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
        self.shapes = self._slide.shapes

    def slide(self, title: str, above: str = "") -> "Frame":
        """Its ``title``, and ``above`` it what it belongs to."""
        if above:
            self._text(Area(AREA.left, Inches(0.22), AREA.width, Inches(0.3)), [above], 12, SOFT)
        self._title(title, Area(AREA.left, Inches(0.48), AREA.width, Inches(0.7)), 24)
        if self.document.stand_in:
            warning = Area(WIDTH - Inches(3.5), Inches(0.15), Inches(3.2), Inches(0.35))
            self._text(warning, ["Stand-in data: no Fashion-MNIST result"], 11, WARNING, bold=True)
        return self

    def cover(self) -> None:
        """The first slide."""
        document = self.document
        self._title(document.title, Area(Inches(0.9), Inches(2.2), Inches(11.5), Inches(1.5)), 40)
        by = " · ".join(part for part in (document.author, document.date) if part)
        self._text(Area(Inches(0.9), Inches(3.8), Inches(11.5), Inches(0.5)), [by], 18 if len(by) < 80 else 13, SOFT)
        if document.sections:
            answer = [document.sections[0].finding]
            self._text(Area(Inches(0.9), Inches(4.5), Inches(11.5), Inches(1)), answer, 22, INK, bold=True)
            self._notes([document.sections[0].source])
        if document.stand_in:
            words = ["Stand-in data: the figures here are of synthetic pictures and no Fashion-MNIST results."]
            self._text(Area(Inches(0.9), Inches(5.7), Inches(11.5), Inches(0.5)), words, 16, WARNING, bold=True)
        if document.logo:
            picture = self.shapes.add_picture(io.BytesIO(document.logo), Inches(0.9), Inches(0.7))
            scale = min(Inches(3) / picture.width, Inches(1.2) / picture.height)
            picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
            describe(picture, "Logo")

    def finding(self, text: str) -> None:
        """The section in a sentence."""
        self._text(Area(AREA.left, AREA.top, AREA.width, Inches(1.5)), [text], 22, INK, bold=True)

    def short_finding(self, text: str) -> Area:
        """The section in a sentence over a figure; returns the part of the slide that is left."""
        self._text(Area(AREA.left, Inches(1.1), AREA.width, Inches(0.8)), [text], 16, INK, bold=True)
        taken = Inches(0.7)
        return Area(AREA.left, AREA.top + taken, AREA.width, AREA.height - taken)

    def paragraphs(self, texts: Sequence[str]) -> None:
        """Running text under the finding."""
        if texts:
            size = 16 if sum(map(len, texts)) < 1100 else 13
            self._text(Area(AREA.left, Inches(2.9), AREA.width, Inches(3.7)), texts, size, INK)

    def source(self, sources: Sequence[str], more: Sequence[str] = ()) -> None:
        """Where the figures come from, at the foot and, with ``more``, in the notes."""
        told = list(dict.fromkeys(source for source in sources if source))
        if told:
            foot = Area(AREA.left, Inches(6.7), AREA.width, Inches(0.7))
            self._text(foot, [" | ".join(told)], 9, SOFT)
        self._notes([*more, *told])

    def _notes(self, lines: Sequence[str]) -> None:
        if lines:
            self._slide.notes_slide.notes_text_frame.text = "\n".join(lines)

    def _title(self, text: str, area: Area, size: int) -> None:
        title = self.shapes.title
        title.left, title.top, title.width, title.height = area.left, area.top, area.width, area.height
        frame = title.text_frame
        frame.text, frame.word_wrap, frame.vertical_anchor = text, True, MSO_ANCHOR.TOP
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.LEFT
        lines = 1 + (len(text) - 1) // 55  # at full size, about
        paragraph.font.size = Pt(round(size * (1.0, 0.7, 0.6)[min(lines, 3) - 1]))
        paragraph.font.bold, paragraph.font.color.rgb = True, INK

    def _text(self, area: Area, texts: Sequence[str], size: int, colour: RGBColor, *, bold: bool = False) -> None:
        frame = self.shapes.add_textbox(area.left, area.top, area.width, area.height).text_frame
        frame.word_wrap = True
        for i, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
            paragraph.text = text
            paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, colour
            paragraph.space_after = Pt(size / 2)


def describe(shape: Any, words: str) -> None:
    """Give a picture, table or chart an alternative text; python-pptx has no name for it."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", words)

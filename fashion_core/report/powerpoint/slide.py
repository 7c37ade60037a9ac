"""What every slide has: a title, a finding, the source at its foot and in its notes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from fashion_core.report.content import Report

SLIDE_WIDTH, SLIDE_HEIGHT = Inches(13.333), Inches(7.5)
TEXT_COLOUR, MUTED_TEXT_COLOUR, WARNING_COLOUR = (
    RGBColor(0x1D, 0x23, 0x2B),
    RGBColor(0x4D, 0x57, 0x62),
    RGBColor(0x8A, 0x3B, 0x00),
)
TITLE_ONLY_LAYOUT = 5  # place of that layout in the standard template


@dataclass(frozen=True)
class SlideArea:
    """A part of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


BODY_AREA = SlideArea(Inches(0.5), Inches(1.3), Inches(12.33), Inches(5.3))


class PowerPointSlide:
    """One slide."""

    def __init__(self, presentation: Any, document: Report) -> None:
        self.report = document
        self._slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY_LAYOUT])
        self.shapes = self._slide.shapes

    def add_title(self, title: str, above: str = "") -> "PowerPointSlide":
        """Its ``title``, and ``above`` it what it belongs to."""
        if above:
            self._text(
                SlideArea(BODY_AREA.left, Inches(0.22), BODY_AREA.width, Inches(0.3)), [above], 12, MUTED_TEXT_COLOUR
            )
        self._title(title, SlideArea(BODY_AREA.left, Inches(0.48), BODY_AREA.width, Inches(0.7)), 24)
        if self.report.is_sample_data:
            warning = SlideArea(SLIDE_WIDTH - Inches(3.5), Inches(0.15), Inches(3.2), Inches(0.35))
            self._text(warning, ["Stand-in data: no Fashion-MNIST result"], 11, WARNING_COLOUR, bold=True)
        return self

    def add_cover(self) -> None:
        """The first slide."""
        document = self.report
        self._title(document.title, SlideArea(Inches(0.9), Inches(2.2), Inches(11.5), Inches(1.5)), 40)
        by = " · ".join(part for part in (document.author, document.date) if part)
        self._text(
            SlideArea(Inches(0.9), Inches(3.8), Inches(11.5), Inches(0.5)),
            [by],
            18 if len(by) < 80 else 13,
            MUTED_TEXT_COLOUR,
        )
        if document.sections:
            answer = [document.sections[0].finding]
            self._text(SlideArea(Inches(0.9), Inches(4.5), Inches(11.5), Inches(1)), answer, 22, TEXT_COLOUR, bold=True)
            self._notes([document.sections[0].source])
        if document.is_sample_data:
            words = ["Stand-in data: the figures here are of synthetic pictures and no Fashion-MNIST results."]
            self._text(
                SlideArea(Inches(0.9), Inches(5.7), Inches(11.5), Inches(0.5)), words, 16, WARNING_COLOUR, bold=True
            )
        if document.logo:
            picture = self.shapes.add_picture(io.BytesIO(document.logo), Inches(0.9), Inches(0.7))
            scale = min(Inches(3) / picture.width, Inches(1.2) / picture.height)
            picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
            set_alt_text(picture, "Logo")

    def add_finding(self, text: str) -> None:
        """The section in a sentence."""
        self._text(
            SlideArea(BODY_AREA.left, BODY_AREA.top, BODY_AREA.width, Inches(1.5)), [text], 22, TEXT_COLOUR, bold=True
        )

    def add_short_finding(self, text: str) -> SlideArea:
        """The section in a sentence over a figure; returns the part of the slide that is left."""
        self._text(
            SlideArea(BODY_AREA.left, Inches(1.1), BODY_AREA.width, Inches(0.8)), [text], 16, TEXT_COLOUR, bold=True
        )
        taken = Inches(0.7)
        return SlideArea(BODY_AREA.left, BODY_AREA.top + taken, BODY_AREA.width, BODY_AREA.height - taken)

    def add_paragraphs(self, texts: Sequence[str]) -> None:
        """Running text under the finding."""
        if texts:
            size = 16 if sum(map(len, texts)) < 1100 else 13
            self._text(SlideArea(BODY_AREA.left, Inches(2.9), BODY_AREA.width, Inches(3.7)), texts, size, TEXT_COLOUR)

    def add_sources(self, sources: Sequence[str], more: Sequence[str] = ()) -> None:
        """Where the figures come from, at the foot and, with ``more``, in the notes."""
        told = list(dict.fromkeys(source for source in sources if source))
        if told:
            foot = SlideArea(BODY_AREA.left, Inches(6.7), BODY_AREA.width, Inches(0.7))
            self._text(foot, [" | ".join(told)], 9, MUTED_TEXT_COLOUR)
        self._notes([*more, *told])

    def _notes(self, lines: Sequence[str]) -> None:
        if lines:
            self._slide.notes_slide.notes_text_frame.text = "\n".join(lines)

    def _title(self, text: str, area: SlideArea, size: int) -> None:
        title = self.shapes.title
        title.left, title.top, title.width, title.height = area.left, area.top, area.width, area.height
        frame = title.text_frame
        frame.text, frame.word_wrap, frame.vertical_anchor = text, True, MSO_ANCHOR.TOP
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.LEFT
        lines = 1 + (len(text) - 1) // 55  # at full size, about
        paragraph.font.size = Pt(round(size * (1.0, 0.7, 0.6)[min(lines, 3) - 1]))
        paragraph.font.bold, paragraph.font.color.rgb = True, TEXT_COLOUR

    def _text(self, area: SlideArea, texts: Sequence[str], size: int, colour: RGBColor, *, bold: bool = False) -> None:
        frame = self.shapes.add_textbox(area.left, area.top, area.width, area.height).text_frame
        frame.word_wrap = True
        for i, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
            paragraph.text = text
            paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, colour
            paragraph.space_after = Pt(size / 2)


def set_alt_text(shape: Any, words: str) -> None:
    """Give a picture, table or chart an alternative text; python-pptx has no name for it."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", words)

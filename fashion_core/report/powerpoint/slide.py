"""One slide: its title, finding and texts, with the sources at its foot and in its notes."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from fashion_core.report.content import Report
from fashion_core.wording.sample_data import SAMPLE_DATA_BADGE, SAMPLE_DATA_WARNING

SLIDE_WIDTH, SLIDE_HEIGHT = Inches(13.333), Inches(7.5)
TEXT_COLOUR, MUTED_TEXT_COLOUR = RGBColor(0x1D, 0x23, 0x2B), RGBColor(0x4D, 0x57, 0x62)
WARNING_COLOUR = RGBColor(0x8A, 0x3B, 0x00)
TITLE_ONLY_LAYOUT_INDEX = 5  # its index in the standard template


@dataclass(frozen=True)
class SlideArea:
    """A rectangle of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int


BODY_AREA = SlideArea(Inches(0.5), Inches(1.3), Inches(12.33), Inches(5.3))


class PowerPointSlide:
    """A new slide at the end of ``presentation``."""

    def __init__(self, presentation: Any, report: Report) -> None:
        self.report = report
        self._slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY_LAYOUT_INDEX])
        self.shapes = self._slide.shapes

    def add_title(self, title: str, section_title: str = "") -> None:
        """The slide's title, with its section's above."""
        if section_title:
            self._add_texts([section_title], 0.22, 0.3, 12, MUTED_TEXT_COLOUR)
        self._write_title(title, SlideArea(BODY_AREA.left, Inches(0.48), BODY_AREA.width, Inches(0.7)), 24)
        if self.report.is_sample_data:
            self._add_texts([SAMPLE_DATA_BADGE], 0.15, 0.35, 11, WARNING_COLOUR, bold=True, left=9.8, width=3.2)

    def add_cover_contents(self) -> None:
        """The first slide: title, author, date, answer and logo."""
        report = self.report
        self._write_title(report.title, SlideArea(Inches(0.9), Inches(2.2), Inches(11.5), Inches(1.5)), 40)
        self._add_texts([report.byline], 3.8, 0.5, 18 if len(report.byline) < 80 else 13, MUTED_TEXT_COLOUR, left=0.9)
        if report.sections:
            self._add_texts([report.sections[0].finding], 4.5, 1, 22, bold=True, left=0.9)
            self._write_notes([report.sections[0].source])
        if report.is_sample_data:
            self._add_texts([SAMPLE_DATA_WARNING], 5.7, 0.5, 16, WARNING_COLOUR, bold=True, left=0.9)
        if report.logo:
            picture = self.shapes.add_picture(io.BytesIO(report.logo), Inches(0.9), Inches(0.7))
            scale = min(Inches(3) / picture.width, Inches(1.2) / picture.height)
            picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
            set_alt_text(picture, "Logo")

    def add_finding(self, text: str) -> SlideArea:
        """A section's finding above a figure; returns the area left for the figure."""
        self._add_texts([text], 1.1, 0.8, 16, bold=True)
        height = Inches(0.7)
        return SlideArea(BODY_AREA.left, BODY_AREA.top + height, BODY_AREA.width, BODY_AREA.height - height)

    def add_paragraphs(self, finding: str, texts: Sequence[str]) -> None:
        """A section's finding above its texts, which are smaller if there are many."""
        self._add_texts([finding], 1.3, 1.5, 22, bold=True)
        self._add_texts(texts, 2.9, 3.7, 16 if sum(map(len, texts)) < 1100 else 13)

    def add_sources_and_speaker_notes(self, sources: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Where the figures come from, at the foot and, below ``notes``, in the speaker's notes."""
        different = list(dict.fromkeys(filter(None, sources)))
        if different:
            self._add_texts([" | ".join(different)], 6.7, 0.7, 9, MUTED_TEXT_COLOUR)
        self._write_notes([*notes, *different])

    def _write_notes(self, lines: Sequence[str]) -> None:
        if lines:
            self._slide.notes_slide.notes_text_frame.text = "\n".join(lines)

    def _write_title(self, text: str, area: SlideArea, size: int) -> None:
        title = self.shapes.title
        title.left, title.top, title.width, title.height = area.left, area.top, area.width, area.height
        n_lines = 1 + (len(text) - 1) // 55  # at full size, about
        size = round(size * (1.0, 0.7, 0.6)[min(n_lines, 3) - 1])
        title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        fill_text_frame(title.text_frame, [text], size, TEXT_COLOUR, bold=True)

    def _add_texts(
        self,
        texts: Sequence[str],
        top: float,
        height: float,
        size: int,
        colour: RGBColor = TEXT_COLOUR,
        *,
        bold: bool = False,
        left: float = 0.5,
        width: float = 0.0,
    ) -> None:
        """A text box in the given place, in inches; up to the right margin unless it has a ``width``."""
        box = self.shapes.add_textbox(Inches(left), Inches(top), Inches(width or 12.83 - left), Inches(height))
        fill_text_frame(box.text_frame, texts, size, colour, bold=bold)
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = Pt(size / 2)


def fill_text_frame(
    frame: Any,
    texts: Sequence[str],
    size: float,
    colour: RGBColor | None = None,
    *,
    bold: bool | None = None,
    alignment: Any = PP_ALIGN.LEFT,
) -> None:
    """Fill a text frame with ``texts``, a paragraph each; what is None stays as the theme has it."""
    frame.word_wrap = True
    for i, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.text, paragraph.alignment = text, alignment
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        if colour is not None:
            paragraph.font.color.rgb = colour


def set_alt_text(shape: Any, text: str) -> None:
    """Give a picture, table or chart an alternative text; python-pptx has no method for it."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", text)

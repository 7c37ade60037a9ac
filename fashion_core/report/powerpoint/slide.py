"""One slide: its title, finding and texts, with the sources at its foot and in its notes."""

import io
import math
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
LEFT, WIDTH, BODY_BOTTOM, TITLE_HEIGHT = 0.5, 12.33, 6.65, 0.6  # inches
COLUMN_GAP = Inches(0.3)
MIN_TITLE_SIZE, MAX_TITLE_SIZE, LEAD_SIZE, MAX_LEAD_LINES = 12, 30, 16, 3  # points, and lines
CAPTION_SIZE = 12
PARAGRAPH_SIZES = (20, 18, 16, 14, 13, 12)  # points
MEAN_LETTER_WIDTH, MEAN_BOLD_LETTER_WIDTH = 0.46, 0.56  # of the font's size, about


@dataclass(frozen=True)
class SlideArea:
    """A rectangle of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    def split(self, fraction: float) -> tuple["SlideArea", "SlideArea"]:
        """The left part, ``fraction`` of the width, and the right part, with a gap between."""
        width = int(self.width * fraction)
        right = SlideArea(self.left + width + COLUMN_GAP, self.top, self.width - width - COLUMN_GAP, self.height)
        return SlideArea(self.left, self.top, width, self.height), right

    def column(self, index: int, n: int) -> "SlideArea":
        """One of ``n`` columns of equal width, with gaps between."""
        width = (self.width - (n - 1) * COLUMN_GAP) // n
        return SlideArea(self.left + index * (width + COLUMN_GAP), self.top, width, self.height)


class PowerPointSlide:
    """A new slide at the end of ``presentation``; the first one has the report's title, author and logo on top."""

    def __init__(self, presentation: Any, report: Report) -> None:
        self.report = report
        self._slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY_LAYOUT_INDEX])
        self.shapes = self._slide.shapes
        self._top = 0.2  # inches, below what is on the slide
        self._is_first = len(presentation.slides) == 1
        if self._is_first:
            self._add_cover_header()

    @property
    def body_area(self) -> SlideArea:
        """What is left for figures and texts, above the sources."""
        top = Inches(self._top + 0.1)
        return SlideArea(Inches(LEFT), top, Inches(WIDTH), Inches(BODY_BOTTOM) - top)

    def add_title(self, title: str, label: str = "") -> None:
        """The slide's title on one line, with a small label above."""
        if label and not self._is_first:
            self._add_text(label, 12, 0.3, MUTED_TEXT_COLOUR)
        if self.report.is_sample_data:
            self._add_texts([SAMPLE_DATA_BADGE], Inches(9.8), Inches(0.15), Inches(3.2), 11, WARNING_COLOUR, bold=True)
        self._write_title(title)

    def add_divider(self, title: str, contents: Sequence[str]) -> None:
        """A title in the middle, above what follows."""
        self._top = max(self._top, 1.6)
        self._write_title(title)
        self._add_text(" · ".join(contents), 16, 1.0, MUTED_TEXT_COLOUR)
        self._write_notes(["What the slides before this one don't show."])

    def add_lead(self, text: str) -> None:
        """The finding below the title."""
        n_lines = math.ceil(len(text) / (WIDTH * 72 / (LEAD_SIZE * MEAN_LETTER_WIDTH)))
        size = LEAD_SIZE if n_lines <= MAX_LEAD_LINES else LEAD_SIZE - 4
        self._add_text(text, size, LEAD_SIZE / 72 * 1.25 * min(n_lines, MAX_LEAD_LINES) + 0.1)

    def add_paragraphs(self, texts: Sequence[str], area: SlideArea) -> None:
        """Running text, as large as fits."""
        size = next((size for size in PARAGRAPH_SIZES if _estimate_height(texts, size, area) <= area.height), 11)
        self._add_texts(texts, area.left, area.top, area.width, size, space_after=0.6)

    def add_captions(self, captions: Sequence[str], area: SlideArea) -> SlideArea:
        """Titles of figures side by side; returns the area below."""
        for k, caption in enumerate(captions):
            column = area.column(k, len(captions))
            self._add_texts([caption], column.left, column.top, column.width, CAPTION_SIZE, bold=True)
        height = Inches(0.35) if captions else 0
        return SlideArea(area.left, area.top + height, area.width, area.height - height)

    def add_sources_and_speaker_notes(self, sources: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Where the figures come from, at the foot and, below ``notes``, in the speaker's notes."""
        different = list(dict.fromkeys(filter(None, sources)))
        if different:
            width = Inches(WIDTH)
            self._add_texts([" | ".join(different)], Inches(LEFT), Inches(6.75), width, 9, MUTED_TEXT_COLOUR)
        self._write_notes(list(dict.fromkeys([*notes, *different])))

    def _add_cover_header(self) -> None:
        report = self.report
        self._add_text(report.title, 18 if len(report.title) < 90 else 14, 0.4, bold=True)
        self._add_text(report.byline, 14, 0.35, MUTED_TEXT_COLOUR)
        if report.is_sample_data:
            self._add_text(SAMPLE_DATA_WARNING, 14, 0.35, WARNING_COLOUR, bold=True)
        if report.logo:
            picture = self.shapes.add_picture(io.BytesIO(report.logo), 0, Inches(0.2))
            scale = min(Inches(2) / picture.width, Inches(0.8) / picture.height)
            picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
            picture.left = Inches(LEFT + WIDTH) - picture.width
            set_alt_text(picture, "Logo")
        self._top += 0.1

    def _write_title(self, text: str) -> None:
        title = self.shapes.title
        title.left, title.top, title.width, title.height = (
            Inches(LEFT), Inches(self._top), Inches(WIDTH), Inches(TITLE_HEIGHT)
        )  # fmt: skip
        one_line = int(WIDTH * 72 / (len(text) * MEAN_BOLD_LETTER_WIDTH))
        title.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        title.text_frame.margin_left = title.text_frame.margin_right = 0
        size = max(MIN_TITLE_SIZE, min(MAX_TITLE_SIZE, one_line))
        fill_text_frame(title.text_frame, [text], size, TEXT_COLOUR, bold=True)
        self._top += TITLE_HEIGHT

    def _add_text(
        self, text: str, size: int, height: float, colour: RGBColor = TEXT_COLOUR, *, bold: bool = False
    ) -> None:
        """A text below what is on the slide, ``height`` inches high."""
        self._add_texts([text], Inches(LEFT), Inches(self._top), Inches(WIDTH), size, colour, bold=bold)
        self._top += height

    def _write_notes(self, lines: Sequence[str]) -> None:
        if lines:
            self._slide.notes_slide.notes_text_frame.text = "\n".join(lines)

    def _add_texts(
        self,
        texts: Sequence[str],
        left: int,
        top: int,
        width: int,
        size: int,
        colour: RGBColor = TEXT_COLOUR,
        *,
        bold: bool = False,
        space_after: float = 0.0,
    ) -> None:
        """A text box; ``space_after`` a paragraph is in lines."""
        box = self.shapes.add_textbox(left, top, width, Pt(size))
        box.text_frame.margin_left = box.text_frame.margin_right = box.text_frame.margin_top = 0
        fill_text_frame(box.text_frame, texts, size, colour, bold=bold)
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = Pt(size * space_after)


def _estimate_height(texts: Sequence[str], size: int, area: SlideArea) -> int:
    """The height of paragraphs in EMU, about."""
    letters = area.width / Pt(size * MEAN_LETTER_WIDTH)
    return Pt(size * sum(1.25 * math.ceil(len(text) / letters) + 0.6 for text in texts))


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

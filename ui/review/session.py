"""What one person reviews in one browser: the pictures drawn so far, and what was answered."""

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from fashion_core.analysis.agreement import Agreement, measure_agreement
from fashion_core.errors import FashionError
from fashion_core.recognition.batch import read_thumbnail
from fashion_core.sorting.journal import Journal
from fashion_core.sorting.review import (
    NONE_ANSWER,
    Order,
    PictureToReview,
    draw_pictures,
    find_last_answered,
    list_class_names,
    load_pictures,
    open_review,
    release_pictures,
    save_answers,
)
from fashion_core.sorting.review_progress import (
    ReviewProgress,
    SortingOutcome,
    list_answer_pairs,
    measure_outcome,
    measure_progress,
)
from fashion_core.sorting.table import write_tables_if_due
from fashion_core.vision.picture_sources import make_file_source
from fashion_core.wording.sorting_review import describe_saved
from ui import serving
from ui.components.labelling import LEFT_OUT, NOT_SURE, UNDONE

N_AHEAD = 20  # pictures that the browser has before they are shown
N_BEHIND = 5  # answered pictures that it can go back to after a reload
THUMBNAIL_SIDE = 256  # pixels: as large as it is shown; the browser gets all of them again after each answer


@dataclass
class ReviewSession:
    """The review of ``folder`` by ``person``.

    Numbers of pictures, in ``sequence``, are those of the browser; ``generation`` changes when they begin anew.
    ``n_undone`` counts the calls of ``undo_last``. ``problem``: a sentence about the last answers; ``unsaved``: those
    that could not be saved, to try again.
    """

    folder: Path
    person: str
    order: Order
    generation: int = 0
    sequence: list[int] = field(default_factory=list)
    sent: dict[int, int] = field(default_factory=dict)
    pictures: dict[int, PictureToReview] = field(default_factory=dict)
    thumbnails: dict[int, str] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    first: int = 0
    problem: str = ""
    n_undone: int = 0
    unsaved: dict[int, int] = field(default_factory=dict)
    journal_identity: int | None = None
    progress: ReviewProgress | None = None
    outcome: SortingOutcome | None = None
    agreement: Agreement | None = None

    def change_order(self, order: Order) -> None:
        """Begin anew with other pictures."""
        with open_review(self.folder) as journal:
            release_pictures(journal, self.person)
        self.order = order
        self._begin_anew([])

    def refresh(self) -> None:
        """Draw pictures until enough are ahead, and measure. Raises what ``open_review`` does."""
        if self.unsaved:
            self.save(self.unsaved)
        now = time.time()
        with open_review(self.folder) as journal:
            self._check_identity(journal)
            drawn = draw_pictures(journal, self.person, self.order, N_AHEAD, now)
            known = set(self.sequence)
            self.sequence += [picture for picture in drawn if picture not in known]
            open_pictures = set(drawn)
            unanswered = (i for i, picture in enumerate(self.sequence) if picture in open_pictures)
            self.first = max(0, next(unanswered, len(self.sequence)) - N_BEHIND)
            self.classes = list_class_names(journal)
            self._load(journal)
            if not drawn:
                write_tables_if_due(journal)
            self.progress = measure_progress(journal, self.person, now)
            self.outcome = measure_outcome(journal)
            pairs = list_answer_pairs(journal)
        self.agreement = measure_agreement(pairs) if pairs else None
        self._make_thumbnails()

    def _load(self, journal: Journal) -> None:
        shown = load_pictures(journal, self.person, self.sequence[self.first :])
        self.pictures = {picture.id: picture for picture in shown}

    def _make_thumbnails(self) -> None:
        missing = [picture for picture in self.pictures.values() if picture.id not in self.thumbnails]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            urls = pool.map(lambda picture: _thumbnail_url(picture.path), missing)
        self.thumbnails |= {picture.id: url for picture, url in zip(missing, urls, strict=True)}
        self.thumbnails = {i: url for i, url in self.thumbnails.items() if i in self.pictures}

    def _check_identity(self, journal: Journal) -> bool:
        """Whether the pictures are those that were drawn; if not, begin anew."""
        is_same = self.journal_identity in (None, journal.identity)
        if not is_same:
            self._begin_anew([])
            self.problem = "The folder was sorted again meanwhile, so the review begins anew."
            self.thumbnails = {}
        self.journal_identity = journal.identity
        return is_same

    def save(self, labels: Mapping[int, int]) -> None:
        """Save what the browser has sent, which is all that was chosen there; a problem is kept to be shown."""
        new = {number: label for number, label in labels.items() if self.sent.get(number) != label}
        answers = {self.sequence[n]: self._to_answer(label) for n, label in new.items() if label != UNDONE}
        withdrawn = [self.sequence[number] for number, label in new.items() if label == UNDONE]
        try:
            with open_review(self.folder) as journal:
                if not self._check_identity(journal):
                    return
                saved = save_answers(journal, self.person, answers, time.time(), withdrawn=withdrawn)
                write_tables_if_due(journal)
        except FashionError as error:
            self.problem, self.unsaved = str(error), dict(labels)
            return
        self.sent |= new
        self.unsaved = {}
        self.problem = describe_saved(saved)

    def undo_last(self) -> None:
        """Take back the last answer before the pictures came into this browser; it is shown again."""
        self.n_undone += 1
        try:
            with open_review(self.folder) as journal:
                picture = find_last_answered(journal, self.person)
                if picture is not None:
                    save_answers(journal, self.person, {}, time.time(), withdrawn=[picture])
                    write_tables_if_due(journal)
        except FashionError as error:
            self.problem = str(error)
            return
        if picture is None:
            self.problem = "There is nothing to undo."
        else:
            self._begin_anew([picture])

    def _begin_anew(self, sequence: Iterable[int]) -> None:
        self.generation += 1
        self.sequence, self.sent, self.unsaved, self.problem = list(sequence), {}, {}, ""

    def _to_answer(self, label: int) -> str | None:
        return NONE_ANSWER if label == LEFT_OUT else None if label == NOT_SURE else self.classes[label]

    def to_label(self, picture: PictureToReview) -> int | None:
        """What the person has answered, for the browser."""
        if not picture.is_answered:
            return None
        if picture.answer is None:
            return NOT_SURE
        return LEFT_OUT if picture.answer == NONE_ANSWER else self.classes.index(picture.answer)


def _thumbnail_url(path: Path) -> str:
    thumbnail = read_thumbnail(make_file_source(path), THUMBNAIL_SIDE)
    return serving.data_url(thumbnail, "image/jpeg")

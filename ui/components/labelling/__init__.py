"""One picture at a time with its likely classes: a key or a click says what it is, and the next one comes."""

from collections.abc import Callable, Container, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

LABELLING_FOLDER = Path(__file__).resolve().parent
MAX_CHOICES = 9  # classes with a key of their own: 1 to 9
LEFT_OUT, NOT_SURE, UNDONE = -1, -2, -3  # in place of a label
HINT = "Click here once; then press 1 to 9 for a class, Enter for the first, 0 to leave it out."

LABELLING_HTML = """
<div class="labelling" role="group" aria-label="Say what each picture shows" tabindex="0">
  <div class="picture"><img alt=""><div class="name"></div></div>
  <div class="answer">
    <div class="position" aria-live="polite"></div>
    <div class="choices"></div>
    <div class="bar">
      <label>Another class <select></select></label>
      <button type="button" data-action="listed" hidden>Choose this class</button>
      <span class="others"></span>
      <button type="button" data-action="previous" aria-keyshortcuts="ArrowLeft"><kbd>←</kbd> Previous</button>
      <button type="button" data-action="next" aria-keyshortcuts="ArrowRight">Next <kbd>→</kbd></button>
      <button type="button" data-action="undo" aria-keyshortcuts="u"><kbd>U</kbd> Undo</button>
    </div>
    <div class="hint"></div>
  </div>
</div>
"""

_component = st.components.v2.component(
    "picture_labelling",
    html=LABELLING_HTML,
    css=(LABELLING_FOLDER / "labelling.css").read_text(encoding="utf-8"),
    js=(LABELLING_FOLDER / "labelling.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class OtherAnswer:
    """An answer that is no class: what stands for it, its key, its button, and what a picture is then."""

    label: int
    key: str
    text: str
    state: str


LEAVE_OUT = OtherAnswer(LEFT_OUT, "0", "Leave out", "left out")


@dataclass(frozen=True)
class PictureToLabel:
    """A picture to show: ``url`` and ``name``; ``ranked``: its likely classes, the first first, each with a text such
    as its probability; ``label``: the class that was chosen, ``LEFT_OUT``, or None."""

    url: str
    name: str
    ranked: Sequence[tuple[int, str]]
    label: int | None = None


def label_pictures(
    pictures: Sequence[PictureToLabel],
    class_names: Sequence[str],
    *,
    name: str,
    key: str,
    on_label: Callable[[dict[int, int]], None],
    others: Sequence[OtherAnswer] = (LEAVE_OUT,),
    hint: str = HINT,
    first: int = 0,
    on_undo: Callable[[], None] | None = None,
    n_undone: int = 0,
) -> None:
    """Show ``pictures``, one at a time; the number of the first is ``first``. ``name`` changes with the pictures, but
    not if more are added to their end and some left out at their beginning.

    ``on_label`` gets what was chosen since the last call: a class or one of the ``others`` by the number of the picture
    or, if there is ``on_undo``, ``UNDONE``. That is called to undo what was chosen before the pictures came;
    ``n_undone`` says how often it was, and until it changes keys don't count.
    """
    labels = {*range(len(class_names)), *(other.label for other in others)} | ({UNDONE} if on_undo else set())

    def handle_labels() -> None:
        sent: Any = st.session_state[key].get("labels")
        if isinstance(sent, dict) and sent.get("name") == name:
            on_label(parse_labels(sent.get("labels"), first + len(pictures), labels))

    data = {
        "name": name,
        "classes": list(class_names),
        "others": [asdict(other) for other in others],
        "hint": hint,
        "first": first,
        "canUndo": on_undo is not None,
        "nUndone": n_undone,
        "pictures": [_picture_data(picture) for picture in pictures],
    }
    _component(key=key, data=data, on_labels_change=handle_labels, on_undo_change=on_undo or (lambda: None))


def _picture_data(picture: PictureToLabel) -> dict[str, object]:
    ranked = [{"label": label, "text": text} for label, text in picture.ranked[:MAX_CHOICES]]
    return {"src": picture.url, "name": picture.name, "ranked": ranked, "label": picture.label}


def parse_labels(sent: object, n_pictures: int, labels: Container[int]) -> dict[int, int]:
    """The ``labels`` by picture that a browser sent; what can't be one is left out."""
    if not isinstance(sent, dict):
        return {}
    parsed = {}
    for position, label in sent.items():
        known = isinstance(position, str) and position.isascii() and position.isdecimal() and len(position) < 7
        if known and int(position) < n_pictures and type(label) is int and label in labels:
            parsed[int(position)] = label
    return parsed

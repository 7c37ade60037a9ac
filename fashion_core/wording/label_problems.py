"""Sentences about labels that look wrong and classes with too few pictures."""

from collections.abc import Iterator, Sequence

from fashion_core.data.classes import ClassList
from fashion_core.data.importing.findings import MIN_PICTURES_PER_CLASS
from fashion_core.wording.numbers import format_count

MAX_SMALL_CLASSES = 8  # that get a sentence of their own


def describe_similar_classes(a: str, b: str) -> str:
    """That two classes look like one."""
    return f"{a} and {b} look like one class: most pictures of each have their like in the other."


def describe_small_classes(classes: ClassList, counts: Sequence[int]) -> Iterator[str]:
    """A sentence for each class with too few pictures; ``counts``: pictures of each class."""
    small = [(int(n), c.name) for c, n in zip(classes, counts, strict=True) if n < MIN_PICTURES_PER_CLASS]
    for n, name in small[:MAX_SMALL_CLASSES]:
        missing = format_count(MIN_PICTURES_PER_CLASS - n, "more", "more")
        yield f"{name} has {format_count(n, 'picture')}, too few to learn it. Add {missing}, or merge or delete it."
    if len(small) > MAX_SMALL_CLASSES:
        rest = format_count(len(small) - MAX_SMALL_CLASSES, "more class", "more classes")
        verb = "has" if len(small) == MAX_SMALL_CLASSES + 1 else "have"
        yield f"{rest} {verb} fewer than {MIN_PICTURES_PER_CLASS} pictures."


def describe_suspects(n: int, was_compared: bool) -> str:
    """How many pictures look like those of another class."""
    if not was_compared:
        return "The labels were not checked: that needs two classes, and 10 to 30,000 pictures."
    if not n:
        return "No picture is most like those of another class."
    text = f"{format_count(n, 'picture')} {'is' if n == 1 else 'are'} most like those of another class."
    return f"{text} Move each to that class, or say that it is right."

"""The classes of a data set: order, names, folders and colours; and those of Fashion-MNIST, spelled nowhere else."""

import colorsys
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

MAX_CLASSES = 200
MAX_SHORT_NAME_LENGTH = 12
# M. A. Petroff, "Accessible Color Sequences for Data Visualization", arXiv:2107.02270, ten-colour set
TEN_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
GOLDEN_RATIO = 0.618034  # steps of this part of the circle spread any number of hues


@dataclass(frozen=True)
class DatasetClass:
    """One class: its name, a short one for chart axes, the name of a folder of its pictures, a ``#rrggbb``."""

    index: int
    name: str
    short_name: str
    folder_name: str
    colour: str


@dataclass(frozen=True)
class ClassList:
    """The classes of a data set in their order. Two lists are equal when all names and colours are."""

    classes: tuple[DatasetClass, ...]

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[DatasetClass]:
        return iter(self.classes)

    def __getitem__(self, index: int) -> DatasetClass:
        return self.classes[index]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each class."""
        return tuple(c.name for c in self.classes)

    @cached_property
    def short_names(self) -> tuple[str, ...]:
        """A name of at most 12 characters for each class, for chart axes and captions."""
        return tuple(c.short_name for c in self.classes)

    @cached_property
    def folder_names(self) -> tuple[str, ...]:
        """Name of a folder of each class's pictures: lower case, without spaces."""
        return tuple(c.folder_name for c in self.classes)

    @cached_property
    def colours(self) -> tuple[str, ...]:
        """``#rrggbb`` of each class."""
        return tuple(c.colour for c in self.classes)

    @property
    def count_word(self) -> str:
        """How many classes there are, for sentences: "ten", "150"."""
        return NUMBER_WORDS[len(self)] if len(self) < len(NUMBER_WORDS) else str(len(self))


def make_classes(names: Sequence[str]) -> ClassList:
    """Classes with these names: short and folder names made from them, and colours that can be told apart.

    Fashion-MNIST's names give Fashion-MNIST's classes. Hundreds of colours can't all be told apart, so colour is never
    the only thing that does.
    """
    if tuple(names) == FASHION_CLASSES.names:
        return FASHION_CLASSES
    short_names: list[str] = []
    folder_names: list[str] = []
    for name in names:
        short_names.append(_make_unique(_shorten(name), short_names))
        slug = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", name).casefold()).strip("-_") or "class"
        folder_names.append(_make_unique(slug[:60], folder_names))
    return ClassList(
        tuple(
            DatasetClass(index, name, short_names[index], folder_names[index], generate_colour(index))
            for index, name in enumerate(names)
        )
    )


def generate_colour(index: int) -> str:
    """``#rrggbb`` of the class with this number."""
    if index < len(TEN_COLOURS):
        return TEN_COLOURS[index]
    lightness, saturation = (0.45, 0.6, 0.35)[index % 3], (0.55, 0.75)[index % 2]
    rgb = colorsys.hls_to_rgb(index * GOLDEN_RATIO % 1, lightness, saturation)
    return "#" + "".join(f"{round(255 * value):02x}" for value in rgb)


def _shorten(name: str) -> str:
    return name if len(name) <= MAX_SHORT_NAME_LENGTH else name[: MAX_SHORT_NAME_LENGTH - 1].rstrip() + "…"


def _make_unique(name: str, taken: Sequence[str]) -> str:
    """``name``, or with the first number that makes it another than those ``taken``."""
    unique, number = name, 2
    while unique in taken:
        suffix = str(number)
        unique, number = name.rstrip("…")[: MAX_SHORT_NAME_LENGTH - len(suffix)] + suffix, number + 1
    return unique


# Names and order: https://github.com/zalandoresearch/fashion-mnist#labels
_FASHION_NAMES = (
    ("T-shirt/top", "T-shirt", "t-shirt"),
    ("Trouser", "Trouser", "trouser"),
    ("Pullover", "Pullover", "pullover"),
    ("Dress", "Dress", "dress"),
    ("Coat", "Coat", "coat"),
    ("Sandal", "Sandal", "sandal"),
    ("Shirt", "Shirt", "shirt"),
    ("Sneaker", "Sneaker", "sneaker"),
    ("Bag", "Bag", "bag"),
    ("Ankle boot", "Boot", "ankle-boot"),
)
FASHION_CLASSES = ClassList(
    tuple(DatasetClass(i, *names, colour=TEN_COLOURS[i]) for i, names in enumerate(_FASHION_NAMES))
)
CLASSES = FASHION_CLASSES.classes
N_CLASSES = len(CLASSES)
NONE_OF_THESE_LABEL = -1  # label of a picture of none of the ten classes
CLASS_NAMES = FASHION_CLASSES.names
SHORT_CLASS_NAMES = FASHION_CLASSES.short_names
CLASS_FOLDER_NAMES = FASHION_CLASSES.folder_names

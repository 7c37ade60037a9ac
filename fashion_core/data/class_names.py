"""Names of classes and data sets as people write them, made safe: one form for equal names, no invisible characters."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from fashion_core.errors import DataError

MAX_CLASS_NAME_LENGTH = 100  # characters
MAX_NORMALISED_LENGTH = 1000  # of a longer text only its start is used: normalising takes quadratic time
UNLABELLED = "Unlabelled"  # the class of all pictures that come without any
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # part of Persian, Hindi and emoji
INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, direction and unassigned characters


def clean_class_name(name: str) -> str:
    """``name`` in Unicode's NFC, without control and direction characters, at most 100 characters long.

    Returns "" when nothing visible is left.
    """
    name = name[:MAX_NORMALISED_LENGTH]
    visible = (c if c in JOINERS or unicodedata.category(c) not in INVISIBLE_CATEGORIES else " " for c in name)
    cleaned = " ".join(unicodedata.normalize("NFC", "".join(visible)).split())[:MAX_CLASS_NAME_LENGTH].rstrip()
    return cleaned if any(c not in JOINERS for c in cleaned) else ""


def is_clean_name(value: Any) -> bool:
    """Whether ``value`` is a text that ``clean_class_name`` leaves as it is."""
    return isinstance(value, str) and value != "" and value == clean_class_name(value)


def class_name_key(name: str) -> str:
    """Equal for names of the same class: those that differ only in case or in their Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def check_class_name(name: str, taken: Iterable[str] = ()) -> str:
    """``name`` cleaned; raises ``DataError`` when nothing is left of it or a class is called that already."""
    cleaned = clean_class_name(name)
    if not cleaned:
        raise DataError("This name of a class has no visible characters. Write another.")
    if class_name_key(cleaned) in map(class_name_key, taken):
        raise DataError(f"There is a class {cleaned} already. Choose another name, or merge the two.")
    return cleaned

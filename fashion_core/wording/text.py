"""Words joined into lists, and text that came from users made safe to show."""

import re
from collections.abc import Sequence

MAX_WORDS_JOINED = 12
MARKDOWN_ESCAPES = str.maketrans({character: "\\" + character for character in r"\`*_{}[]()<>#+-.!|~$:"})
# control characters, line separators, halves of a surrogate pair, no characters
UNPRINTABLE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def escape_markdown(text: str) -> str:
    """``text`` with Markdown's special characters escaped: for names that users chose and sentences that hold them."""
    return text.translate(MARKDOWN_ESCAPES)


def to_single_line(text: str) -> str:
    """``text`` without line breaks and unprintable characters."""
    return " ".join(UNPRINTABLE_CHARACTERS.sub(" ", text).split())


def join_with_and(words: Sequence[str], conjunction: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; empty for no words. Many words end in ``and 90 others``."""
    if len(words) > MAX_WORDS_JOINED:
        words = [*words[: MAX_WORDS_JOINED - 1], f"{len(words) - MAX_WORDS_JOINED + 1} others"]
    return f" {conjunction} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))

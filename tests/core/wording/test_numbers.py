import pytest

from fashion_core.wording import numbers
from fashion_core.wording.text import escape_markdown, join_with_and, to_single_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.format_number(-1234.56, 1), "−1,234.6"),
        (numbers.format_number(-0.04, 1), "0.0"),
        (numbers.format_percent(0.9485), "94.9%"),
        (f"{numbers.to_percent(0.8555):.1f}", "85.6"),
        (numbers.format_percent(0.5, 0), "50%"),
        (numbers.format_percentage_points(0.0231), "+2.3 points"),
        (numbers.format_percentage_points(-0.0231), "−2.3 points"),
        (numbers.format_range(-1.24, 3), "−1.2 to 3.0"),
        (numbers.format_percent_range(0.944, 0.953), "94.4% to 95.3%"),
        (numbers.format_with_range(12.34, 10, 14.5), "12.3 (10.0\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}14.5)"),
        (
            numbers.format_percent_with_interval(0.949, 0.944, 0.953),
            "94.9% (94.4\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}95.3)",
        ),
        (numbers.format_count(1, "epoch"), "1 epoch"),
        (numbers.format_count(2000, "epoch"), "2,000 epochs"),
        (numbers.format_count(2, "class", "classes"), "2 classes"),
        (numbers.format_large_number(5e12), "5.0 trillion"),
        (numbers.format_large_number(1234), "1,234"),
        (numbers.format_duration(7322), "2 h 2 min"),
        (numbers.format_duration(130), "2 min 10 s"),
        (numbers.format_short_duration(3.21), "3.2 s"),
        (numbers.format_p_value(0.0321), "p = 0.032"),
        (numbers.format_p_value(0.0), "p < 1e-300"),
    ],
)
def test_numbers_are_formatted(text: str, expected: str) -> None:
    assert text == expected


def test_words_are_joined() -> None:
    assert [join_with_and(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert join_with_and(["a", "b"], "or") == "a or b"


def test_user_text_is_made_safe() -> None:
    assert escape_markdown("<b>*x*") == r"\<b\>\*x\*"
    assert to_single_line("a\n\x00b  c") == "a b c"

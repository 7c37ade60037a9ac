"""Names of classes: any script, one form for equal names, nothing invisible."""

import unicodedata

import pytest

from fashion_core.data.class_names import check_class_name, class_name_key, clean_class_name, is_clean_name
from fashion_core.errors import DataError


@pytest.mark.parametrize("name", ["Mäntel", "コート", "пальто", "T-shirt/top", "<b>bold</b>", "=1+1", "🧥 coats"])
def test_names_in_any_script_stay_and_are_only_text(name: str) -> None:
    assert clean_class_name(name) == unicodedata.normalize("NFC", name)
    assert is_clean_name(clean_class_name(name))


def test_control_and_direction_characters_go_and_joiners_stay() -> None:
    assert clean_class_name("co\u202eat\u2066\x07s\n") == "co at s"
    assert clean_class_name("می\u200cخواهم") == "می\u200cخواهم"
    assert clean_class_name("a\udc80b") == "a b"
    assert clean_class_name("\u200b \u202e\u200d") == ""


def test_long_names_are_cut() -> None:
    assert clean_class_name("x" * 300) == "x" * 100


def test_names_that_differ_in_case_or_unicode_form_are_one_class() -> None:
    assert class_name_key("MÄNTEL") == class_name_key("ma\u0308ntel")
    assert class_name_key("Straße") == class_name_key("STRASSE")


def test_a_name_that_is_taken_or_empty_is_refused() -> None:
    with pytest.raises(DataError, match="already"):
        check_class_name("COAT", ["coat"])
    with pytest.raises(DataError, match="visible"):
        check_class_name(" \u202e ")
    assert check_class_name(" coat ", ["shirt"]) == "coat"

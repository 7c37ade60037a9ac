"""Names of classes: any script, one form for equal names, nothing invisible."""

import unicodedata
from typing import Any, Literal

import pytest

from fashion_core.data.class_names import check_class_name, class_name_key, clean_class_name, is_clean_name
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.data.importing.table import normalise_path
from fashion_core.errors import DataError
from fashion_core.recognition.labelled_folder import class_from_folder_name


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


def test_a_long_name_is_cut_before_it_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def normalise(form: Literal["NFC"], text: str, normalise: Any = unicodedata.normalize) -> str:
        texts.append(text)
        return str(normalise(form, text))

    monkeypatch.setattr(unicodedata, "normalize", normalise)
    name = "a" + "\u0301\u0316" * 5000
    assert not is_clean_name(name)
    assert class_from_folder_name(name, FASHION_CLASSES) is None
    assert normalise_path(name)
    assert max(map(len, texts)) < 5000


def test_names_that_differ_in_case_or_unicode_form_are_one_class() -> None:
    assert class_name_key("MÄNTEL") == class_name_key("ma\u0308ntel")
    assert class_name_key("Straße") == class_name_key("STRASSE")


def test_a_name_that_is_taken_or_empty_is_refused() -> None:
    with pytest.raises(DataError, match="already"):
        check_class_name("COAT", ["coat"])
    with pytest.raises(DataError, match="visible"):
        check_class_name(" \u202e ")
    assert check_class_name(" coat ", ["shirt"]) == "coat"

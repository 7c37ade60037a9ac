"""What folders, zips and tables say about their pictures; nothing is decoded here."""

from pathlib import Path

import pytest

from fashion_core.data.catalogue_labels import TEST, TRAIN, VALIDATION
from fashion_core.data.importing import sources
from fashion_core.data.importing.sources import Listing, open_listing
from fashion_core.errors import DataError
from tests.core.data.importing.picture_folders import write_files, zip_files

ANY = b"not read here"


def listing_of(path: Path) -> Listing:
    with open_listing(path) as listing:
        return listing


def classes_by_file(listing: Listing) -> dict[str, str | None]:
    return {item.name: item.class_name for item in listing.items}


FOLDERS = dict.fromkeys(("coat/a.png", "coat/red/b.JPG", "dress/c.webp"), ANY)


@pytest.mark.parametrize("wrapper", ["", "my pictures/"])
@pytest.mark.parametrize("as_zip", [False, True])
def test_the_first_folder_is_the_class_and_one_around_everything_is_passed_over(
    wrapper: str, as_zip: bool, tmp_path: Path
) -> None:
    files = {f"{wrapper}{name}": content for name, content in FOLDERS.items()}
    hidden = dict.fromkeys(("__MACOSX/coat/._a.png", "coat/.DS_Store", "coat/Thumbs.db", ".git/x.png"), ANY)
    files |= hidden
    listing = listing_of(zip_files(tmp_path / "a.zip", files) if as_zip else write_files(tmp_path / "a", files))
    assert listing.classes == ("coat", "dress")
    assert sorted(str(item.class_name) for item in listing.items) == ["coat", "coat", "dress"]
    assert not listing.found["skipped"]


def test_the_number_of_tables_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_TABLES", 2)
    files = FOLDERS | {f"{name}/groups.csv": b"file,group\nx.png,1\n" for name in ("coat", "dress")}
    files["about.csv"] = b"no table of pictures"
    assert len(listing_of(write_files(tmp_path, files)).items) == 3
    with pytest.raises(DataError, match="more than 2 tables"):
        listing_of(write_files(tmp_path, {"third.csv": b"file,group\nx.png,1\n"}))


def test_splits_that_a_folder_brings_are_kept(tmp_path: Path) -> None:
    names = ("Train/coat/1.png", "train/dress/2.png", "val/coat/3.png", "test/dress/4.png")
    listing = listing_of(write_files(tmp_path, dict.fromkeys(names, ANY)))
    assert listing.classes == ("coat", "dress")
    splits = {item.name: item.split for item in listing.items}
    assert splits == dict(zip(names, (TRAIN, TRAIN, VALIDATION, TEST), strict=True))


def test_test_pictures_without_folders_of_classes_have_no_class(tmp_path: Path) -> None:
    names = ("train/a/1.png", "train/b/2.png", "test/3.png")
    listing = listing_of(write_files(tmp_path, dict.fromkeys(names, ANY)))
    assert listing.classes == ("a", "b")
    assert {item.split for item in listing.items} == {TRAIN}
    assert [name for name, _ in listing.found["skipped"]] == ["test/3.png"]


def test_a_class_called_test_is_no_split(tmp_path: Path) -> None:
    listing = listing_of(write_files(tmp_path, dict.fromkeys(("test/1.png", "coat/2.png"), ANY)))
    assert listing.classes == ("coat", "test")
    assert {item.split for item in listing.items} == {None}


def test_pictures_without_folders_are_unlabelled(tmp_path: Path) -> None:
    assert listing_of(write_files(tmp_path, {"a.png": ANY, "b.jpg": ANY})).classes == ("Unlabelled",)


def test_what_has_no_class_or_is_no_picture_is_reported(tmp_path: Path) -> None:
    files = {"coat/a.png": ANY, "dress/b.png": ANY, "beside.png": ANY, "coat/notes.txt": ANY}
    listing = listing_of(write_files(tmp_path, files))
    assert {name for name, _ in listing.found["skipped"]} == {"beside.png", "coat/notes.txt"}
    assert len(listing.items) == 2


def test_names_of_one_class_in_two_cases_or_unicode_forms_are_joined(tmp_path: Path) -> None:
    names = ("Ma\u0308ntel/1.png", "M\u00e4ntel/2.png", "MÄNTEL/3.png", "Kleid\u202e/4.png", "x" * 120 + "/5.png")
    listing = listing_of(write_files(tmp_path, dict.fromkeys(names, ANY)))
    assert len(listing.classes) == 3
    assert "Kleid" in listing.classes
    assert {"x" * 100} <= set(listing.classes)
    assert ("Kleid\u202e", "Kleid") in [(old, new) for old, new in listing.found["renamed"]]
    assert listing.found["renamed"]


def test_numbers_are_sorted_by_value(tmp_path: Path) -> None:
    names = dict.fromkeys(("10/1.png", "9/1.png", "b/1.png", "A/1.png"), ANY)
    assert listing_of(write_files(tmp_path, names)).classes == ("9", "10", "A", "b")


def test_ten_thousand_classes_are_refused(tmp_path: Path) -> None:
    zipped = zip_files(tmp_path / "a.zip", {f"class {i}/1.png": b"" for i in range(10_000)})
    with pytest.raises(DataError, match="10,000 classes"):
        listing_of(zipped)


@pytest.mark.parametrize("files", [{}, {"notes.txt": ANY}, {".hidden.png": ANY}])
def test_no_pictures_are_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures"):
        listing_of(write_files(tmp_path / "a", files | {"sub/readme": ANY}))


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        listing_of(tmp_path / "nowhere")


@pytest.mark.parametrize("form", ["table", "folder", "zip"])
def test_a_table_gives_classes_groups_and_splits(form: str, tmp_path: Path) -> None:
    table = (
        "file;label;group;split;photographer\npictures/1.png;Coat/long;A;test;me\n2.png;Dress;;;\nnone.png;Dress;;;\n"
    )
    files = {"labels.csv": table.encode("utf-16"), **dict.fromkeys(("pictures/1.png", "pictures/2.png", "3.png"), ANY)}
    path = zip_files(tmp_path / "a.zip", files) if form == "zip" else write_files(tmp_path / "a", files)
    listing = listing_of(path / "labels.csv" if form == "table" else path)
    assert classes_by_file(listing) == {"pictures/1.png": "Coat/long", "pictures/2.png": "Dress"}
    assert [(item.group, item.split) for item in listing.items] == [("A", TEST), ("", None)]
    assert listing.found["missing"] == [("none.png", "labels.csv")]
    assert listing.found["skipped"] == [("3.png", "labels.csv does not name it.")]
    assert listing.found["ignored_columns"] == [("photographer", "labels.csv")]


def test_a_table_without_labels_adds_groups_to_folders(tmp_path: Path) -> None:
    files = {"people.csv": b"file,person\ncoat/a.png,7\n", **FOLDERS}
    listing = listing_of(write_files(tmp_path, files))
    assert {item.name: item.group for item in listing.items} == {
        "coat/a.png": "7",
        "coat/red/b.JPG": "",
        "dress/c.webp": "",
    }
    assert listing.classes == ("coat", "dress")


def test_a_file_that_a_table_names_by_its_path_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    files = {"t.csv": b"file,label\na/1.png,coat\nb/1.png,dress\n", "b/1.png": ANY}
    listing = listing_of(write_files(tmp_path, files))
    assert classes_by_file(listing) == {"b/1.png": "dress"}
    assert listing.found["missing"] == [("a/1.png", "t.csv")]


def test_a_split_that_is_none_is_refused(tmp_path: Path) -> None:
    files = {"t.csv": b"file,label,split\n1.png,coat,traning\n", "1.png": ANY}
    with pytest.raises(DataError, match=r"'traning'\. Write train, validation or test"):
        listing_of(write_files(tmp_path, files))


def test_a_table_that_is_not_understood_is_left_aside(tmp_path: Path) -> None:
    listing = listing_of(write_files(tmp_path, {"t.csv": b"file|label\n1.png|coat\n", "1.png": ANY}))
    ((name, reason),) = listing.found["skipped"]
    assert name == "t.csv"
    assert "separated by commas" in reason


def test_a_table_without_lines_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names no pictures"):
        listing_of(write_files(tmp_path, {"t.csv": b"file,label\n", "1.png": ANY}))


def test_a_table_without_lines_changes_nothing_about_folders(tmp_path: Path) -> None:
    listing = listing_of(write_files(tmp_path, {"people.csv": b"file,person\n", **FOLDERS}))
    assert listing.classes == ("coat", "dress")


def test_a_table_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    secret = write_files(tmp_path, {"secret.png": ANY}) / "secret.png"
    table = f"file,label\n../secret.png,a\n{secret},b\n1.png,c\n"
    listing = listing_of(write_files(tmp_path / "a", {"t.csv": table.encode(), "1.png": ANY}))
    assert classes_by_file(listing) == {"1.png": "c"}
    assert len(listing.found["missing"]) == 2


def test_a_table_without_the_columns_is_refused_when_it_was_chosen(tmp_path: Path) -> None:
    write_files(tmp_path, {"t.csv": b"a,b\n1,2\n", "1.png": ANY})
    with pytest.raises(DataError, match="file and label"):
        listing_of(tmp_path / "t.csv")
    assert listing_of(tmp_path).classes == ("Unlabelled",)


def test_a_table_of_which_no_file_is_there_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {"t.csv": b"file,label\nx.png,coat\n", "1.png": ANY})
    with pytest.raises(DataError, match=r"t\.csv names"):
        listing_of(tmp_path)

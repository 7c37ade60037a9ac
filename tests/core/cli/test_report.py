"""``report`` as a user calls it."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation

from fashion_core.__main__ import main
from fashion_core.report.settings import ReportSettings
from tests.core.report.reports import noise_picture


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


def test_settings_are_saved_and_opened_again(tmp_path: Path) -> None:
    saved, slides, mark = tmp_path / "report.json", tmp_path / "report.pptx", tmp_path / "logo.jpg"
    mark.write_bytes(noise_picture("JPEG"))
    about = ["--title", "Ours", "--run", "cnn", "--run", "mlp", "--section", "results", "--logo", str(mark)]
    assert main(["report", "--out", str(saved), *about]) == 0
    settings = ReportSettings.from_json(saved.read_bytes())
    assert (settings.title, settings.runs, settings.sections) == ("Ours", ("cnn", "mlp"), ("results",))
    with Image.open(io.BytesIO(settings.logo)) as logo:
        assert logo.size == (300, 120)
    assert main(["report", "--out", str(slides), "--settings", str(saved), "--author", "Me"]) == 0
    presentation = Presentation(str(slides))
    assert "Ours" in [shape.text_frame.text for shape in presentation.slides[0].shapes if shape.has_text_frame]
    assert presentation.core_properties.author == "Me"


def test_omissions_are_printed_with_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "report.html")
    few = ["--section", "results", "--section", "training", "--run", "kmeans", "--run", "gone"]
    assert main(["report", "--out", out, *few]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [out]
    assert len(printed.err.splitlines()) == 2
    assert main(["report", "--out", out, *few, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["file"], answer["bytes"], len(answer["remarks"])) == (out, Path(out).stat().st_size, 2)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--logo", "nowhere.png"], "nowhere.png cannot be read"),
        (["--settings", "nowhere.json"], "nowhere.json cannot be read"),
        (["--logo", __file__], "logo is not a picture"),
        (["--settings", __file__], "not valid JSON"),
        (["--title", ""], "title needs 1 to 120"),
        (["--run", "gone"], "None of the chosen runs"),
        (["--run", "cnn", "--run", "cnn"], "different runs"),
        (["--run", "../cnn"], "None of the chosen runs"),
        (["--data", "nowhere"], "There is no data set named 'nowhere'"),
    ],
)
def test_invalid_arguments_give_one_line_and_no_file(
    arguments: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert main(["report", "--out", str(out), "--section", "results", *arguments]) == 1
    complaint = capsys.readouterr().err
    assert reason in complaint
    assert complaint.count("\n") == 1
    assert not out.exists()


def test_a_file_that_cannot_be_written_gives_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    arguments = ["report", "--section", "results", "--out", str(tmp_path / "file" / "report.html")]
    assert main(arguments) == 1
    assert "cannot be written" in capsys.readouterr().err

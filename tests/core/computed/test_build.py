import sys

import pytest

from fashion_core.computed import build


def test_a_kind_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["build", "--only", "clusters"])
    with pytest.raises(SystemExit) as exit_:
        build.main()
    assert exit_.value.code == 2
    assert "clustering" in capsys.readouterr().err


def test_each_kind_of_shipped_result_can_be_built_alone() -> None:
    assert {computation.kind for computation in build.shipped_computations()} == {*build.KINDS} - {"graph", "seeds"}

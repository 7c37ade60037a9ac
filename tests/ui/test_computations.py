"""The box that watches a computation."""

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.computed import background
from fashion_core.jobs.job import JobStatus


def draw_box() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from ui.computations import _box

    better = lambda: st.session_state.pop("better", False)  # noqa: E731
    _box("Clusters", SimpleNamespace(kind="kmeans"), "", None, "", True, better)  # type: ignore[arg-type]


def test_cancel_counts_though_a_better_result_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    monkeypatch.setattr(background, "computation_status", lambda *_: JobStatus("running"))
    monkeypatch.setattr(background, "cancel_computation", lambda computation, fingerprint: cancelled.append("kmeans"))
    test = AppTest.from_function(draw_box).run()
    test.session_state["better"] = True
    test.button[0].click().run()
    assert cancelled == ["kmeans"]

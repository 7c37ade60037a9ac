"""Fixtures for tests of catalogues."""

import pytest


@pytest.fixture
def own_test_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pictures a catalogue has, it has a test part of its own instead of folds."""
    monkeypatch.setattr("fashion_core.data.importing.splits.MIN_TEST_PICTURES", 1)

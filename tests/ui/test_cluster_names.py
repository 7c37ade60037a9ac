"""The editor of the clusters' names, without a browser."""

import pytest

from ui.clusters import names_table


def test_the_editor_stays_while_its_edits_are_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(names_table.st, "session_state", state)
    editor = names_table.find_editor("pixels", ["Bag", "Coat"])
    state[editor.key] = {"edited_rows": {1: {"Name": "Dress"}}}
    assert names_table.find_editor("pixels", ["Bag", "Dress"]) is editor
    assert names_table.find_editor("pixels", ["Bag", "Coat"]).key != editor.key  # the visitor went back
    del state[editor.key]
    assert names_table.find_editor("pixels", ["Bag", "Coat"]).names == ["Bag", "Coat"]

from fashion_core.charts.recall_bars import RecallSnapshot, recall_bars_chart
from fashion_core.data.classes import FASHION_CLASSES


def test_a_class_that_is_never_predicted_has_no_bar_but_a_hatched_row_and_words() -> None:
    recall = [0.9] * 9 + [0.0]
    figure = recall_bars_chart([RecallSnapshot("MLP", recall, {9: 0})], FASHION_CLASSES)
    hatching, bars = figure.data
    assert list(bars.x) == [90.0] * 9 + [0.0]
    assert list(hatching.x) == [0] * 9 + [100]
    assert list(bars.text) == ["90.0%"] * 9 + [""]
    assert [(each.text, each.y) for each in figure.layout.annotations[1:]] == [("never predicted", "Boot")]


def test_a_unit_that_died_says_in_which_epoch() -> None:
    figure = recall_bars_chart([RecallSnapshot("MLP", [0.5] * 10, {3: 2})], FASHION_CLASSES)
    assert figure.layout.annotations[1].text == "dead since epoch 2"

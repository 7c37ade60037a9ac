"""The view "By class" of the page Feasibility."""

import pytest

from fashion_core.analysis.class_promises import plan_by_class, promise_by_class
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.wording.promises import describe_plan
from tests.ui.test_feasibility import answers, plain, run_page
from tests.ui.test_pages import assert_sound


def test_each_class_is_promised_the_target_and_people_get_sets_of_classes() -> None:
    test = run_page(look="By class", target="99")
    assert_sound(test, "feasibility")
    promises = promise_by_class(*answers("improved_cnn"), 0.99, 10)
    assert describe_plan(plan_by_class(promises), 0.99, FASHION_CLASSES) in plain(test)
    (table,) = (frame.value for frame in test.dataframe if "Predicted as it" in frame.value)
    assert table["Class"].tolist() == list(FASHION_CLASSES.names)
    assert table["Threshold"].tolist() == pytest.approx([p.threshold for p in promises])
    assert table["Automated, %"].tolist() == pytest.approx([100 * p.test.coverage for p in promises])
    assert "classes on average" in plain(test)

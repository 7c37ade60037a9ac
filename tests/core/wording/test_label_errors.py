"""Sentences about suspected label errors and corrections."""

from fashion_core.wording import label_errors as wording


def test_the_number_of_suspects_and_of_reviewed_ones_is_said() -> None:
    assert wording.describe_label_errors(89, 10_000, 0) == "89 of 10,000 test labels may be wrong."
    assert wording.describe_label_errors(89, 10_000, 1).endswith("1 of them is reviewed.")
    assert wording.describe_label_errors(0, 10_000, 0) == "No label of the test pictures looks wrong."


def test_figures_say_which_labels_they_use() -> None:
    assert wording.format_label_choice(None) == "original labels"
    assert wording.format_label_choice(1200) == "corrected labels (1,200 changed)"
    changes = wording.describe_corrections_effect(3, {"A": (0.9, 0.91), "B": (0.95, 0.95)})
    assert (
        changes == "Labels: corrected, 3 changed; accuracy changes: A from 90.00% to 91.00%; B from 95.00% to 95.00%."
    )
    assert "none has been changed" in wording.describe_corrections_effect(0, {})


def test_emptied_classes_are_named() -> None:
    assert wording.describe_emptied_classes(["Coat"]).endswith("of the class Coat.")
    assert wording.describe_emptied_classes(["Coat", "Bag"]).endswith("of the classes Coat and Bag.")

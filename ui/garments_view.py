"""What the page Garments shows. Back undoes each choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from fashion_core.data.dataset import SplitName
from ui.page_state import CLASS_NUMBERS_PATTERN, PageState, check_choices

SORT_ORDERS = ("As published", "Typical first", "Odd first")
SPLIT_NAMES: dict[str, SplitName] = {"Test": "test", "Validation": "validation", "Train": "train"}
PICTURE, IMAGE = "Picture", "What the models see"


@dataclass(frozen=True)
class GarmentsView:
    """Every field is a parameter of the address, left out when it has its default.

    ``classes``: numbers separated by commas, or one name, as links have it; empty for all.
    """

    classes: str = ""
    split: str = "Test"
    order: str = SORT_ORDERS[0]
    show: str = PICTURE

    def __post_init__(self) -> None:
        check_choices(self, {"split": SPLIT_NAMES, "order": SORT_ORDERS, "show": (PICTURE, IMAGE)})

    def find_classes(self, names: Sequence[str]) -> list[int]:
        """The chosen numbers among the classes called ``names``; those of another data set are left out."""
        if CLASS_NUMBERS_PATTERN.fullmatch(self.classes):
            numbers = dict.fromkeys(int(number) for number in self.classes.split(",") if number)
            return [number for number in numbers if number < len(names)]
        return [names.index(self.classes)] if self.classes in names else []


GARMENTS_STATE = PageState("garments", GarmentsView())

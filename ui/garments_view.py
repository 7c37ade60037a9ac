"""What the page Garments shows. Back undoes each choice."""

from dataclasses import dataclass

from fashion_core.data.dataset import SplitName
from ui.page_state import PageState, check_choices

SORT_ORDERS = ("As published", "Typical first", "Odd first")
SPLIT_NAMES: dict[str, SplitName] = {"Test": "test", "Validation": "validation", "Train": "train"}
PICTURE, IMAGE = "Picture", "What the models see"
CLASS_SEPARATOR = "|"


@dataclass(frozen=True)
class GarmentsView:
    """Every field is a parameter of the address, left out when it has its default.

    ``classes``: names with ``CLASS_SEPARATOR`` between them; empty for all. Names of another data set are ignored.
    """

    classes: str = ""
    split: str = "Test"
    order: str = SORT_ORDERS[0]
    show: str = PICTURE

    def __post_init__(self) -> None:
        check_choices(self, {"split": SPLIT_NAMES, "order": SORT_ORDERS, "show": (PICTURE, IMAGE)})


GARMENTS_STATE = PageState("garments", GarmentsView())

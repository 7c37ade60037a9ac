"""Which tab the page Try it shows. Back undoes the choice of one."""

from dataclasses import dataclass

from ui.page_state import PageState


@dataclass(frozen=True)
class TryItView:
    """``source``: the title of a tab, a parameter of the address unless it is the default."""

    source: str = "Draw"


TRY_IT_STATE = PageState("try-it", TryItView())

"""The one function that everything passes that starts, changes or deletes something."""

from fashion_core.errors import AccessError
from fashion_core.storage.visitors import current_visitor


def check_change() -> None:
    """Raise ``AccessError`` unless the visitor who asks may change something."""
    if not current_visitor().may_change:
        raise AccessError(
            "This dashboard is shown as a presentation, so nothing can be started or changed. Ask its owner, or start "
            "your own."
        )

"""Text that users chose, made safe to show in a plotly figure."""

import html

MAX_NAME_CHARACTERS = 24  # of a run, in a legend or at an axis


def escape_plotly_text(text: str) -> str:
    """``text`` without anything that plotly takes for a tag, an entity or a variable such as ``%{x}``."""
    return html.escape(text).replace("%{", "&#37;{")


def format_run_name(title: str) -> str:
    """The title of a run, escaped, and cut where it is too long for a legend."""
    fits = len(title) <= MAX_NAME_CHARACTERS
    return escape_plotly_text(title if fits else f"{title[: MAX_NAME_CHARACTERS - 1]}…")

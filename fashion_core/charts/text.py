"""Text that users chose, made safe to show in a plotly figure."""

import html


def escape_plotly_text(text: str) -> str:
    """``text`` without anything that plotly takes for a tag, an entity or a variable such as ``%{x}``."""
    return html.escape(text).replace("%{", "&#37;{")

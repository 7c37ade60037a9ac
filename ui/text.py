"""Text that users chose, made safe to show."""


def escape_markdown(text: str) -> str:
    """``text`` with Markdown's signs escaped: for names that users chose and messages that quote them."""
    return "".join("\\" + c if c in r"\`*_{}[]()<>#+-.!|~$:" else c for c in text)

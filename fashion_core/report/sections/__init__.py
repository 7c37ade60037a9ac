"""One module a section: evidence in, a ``Section`` out, or ``LeftOut`` with the reason."""


class SectionUnavailable(Exception):
    """A section that cannot be had from the chosen runs; its text says why, for who builds the report."""

"""One module for each section: a function that builds it from the inputs, or raises ``SectionUnavailable``."""


class SectionUnavailable(Exception):
    """The section cannot be built from the chosen runs; the text says why."""

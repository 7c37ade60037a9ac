"""Numbers as text. Rates are 0 to 1 and shown in percent; a minus is typographic."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MIN_P_VALUE = 1e-300


def format_number(value: float, digits: int = 0) -> str:
    """``1234.5`` -> ``1,234.5`` with one digit."""
    return f"{value:z,.{digits}f}".replace("-", "−")


def to_percent(rate: float) -> float:
    """``0.949`` -> a little more than 94.9, so that halves are rounded up and equal rates look equal everywhere."""
    return 100 * rate + 1e-9


def format_percent(rate: float, digits: int = 1) -> str:
    """``0.949`` -> ``94.9%``."""
    return f"{format_number(to_percent(rate), digits)}%"


def format_percentage_points(difference: float, digits: int = 1) -> str:
    """A difference of two rates: ``0.023`` -> ``+2.3 points``."""
    return f"{100 * difference:+z,.{digits}f}".replace("-", "−") + " points"


def format_cross_validation(n_folds: int, n: int) -> str:
    """``5-fold cross-validation on 200 pictures``."""
    return f"{n_folds}-fold cross-validation on {format_count(n, 'picture')}"


def format_range(low: float, high: float, digits: int = 1) -> str:
    """``-1.2 to 3.4``."""
    return f"{format_number(low, digits)} to {format_number(high, digits)}"


def format_percent_range(low: float, high: float, digits: int = 1) -> str:
    """``94.4% to 95.3%``."""
    return f"{format_percent(low, digits)} to {format_percent(high, digits)}"


def format_with_range(value: float, low: float, high: float, digits: int = 1) -> str:
    """``12.3 (10.1 to 14.5)``, whose range stays on one line."""
    interval = format_range(low, high, digits).replace(" ", NO_BREAK_SPACE)
    return f"{format_number(value, digits)} ({interval})"


def format_percent_with_interval(rate: float, low: float, high: float) -> str:
    """``94.9% (94.4 to 95.3)``, whose interval stays on one line."""
    interval = f"{format_percent(low)[:-1]} to {format_percent(high)[:-1]}".replace(" ", NO_BREAK_SPACE)
    return f"{format_percent(rate)} ({interval})"


def format_count(n: int, noun: str, plural: str = "") -> str:
    """``1 epoch``, ``2,000 epochs``; ``plural`` where it is not the noun with an s."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def format_large_number(number: float) -> str:
    """``5000000000000`` -> ``5.0 trillion``."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.1f} {word}"
    return f"{number:,.0f}"


def format_duration(seconds: float) -> str:
    """``130`` -> ``2 min 10 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def format_short_duration(seconds: float) -> str:
    """``format_duration`` with a tenth of a second below ten: ``3.2 s``."""
    return f"{seconds:.1f} s" if seconds < 10 else format_duration(seconds)


def format_p_value(p: float) -> str:
    """``p = 0.012``; one too small for a float64 is given a bound."""
    return f"p = {p:.2g}" if p >= MIN_P_VALUE else f"p < {MIN_P_VALUE:.0e}"

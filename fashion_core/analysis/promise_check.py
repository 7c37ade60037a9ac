"""Is a promise about automated sorting kept? What people said about some of the pictures, against what was promised."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Verdict = Literal["kept", "broken", "undecided"]


@dataclass(frozen=True)
class RateCheck:
    """``n_hits`` of ``n``, and the 95% interval ``low`` to ``high`` that ``verdict`` is based on."""

    n_hits: int
    n: int
    low: float
    high: float
    verdict: Verdict

    @property
    def rate(self) -> float:
        """0 to 1."""
        return self.n_hits / self.n


def exact_interval(n_hits: int, n: int) -> tuple[float, float]:
    """95% interval of a proportion (C. Clopper and E. Pearson, Biometrika 26, 1934).

    Raises ``ValueError`` if ``n`` is 0.
    """
    from scipy.special import betaincinv

    if n <= 0:
        raise ValueError("an interval needs at least one observation")
    low = 0.0 if n_hits == 0 else float(betaincinv(n_hits, n - n_hits + 1, 0.025))
    high = 1.0 if n_hits == n else float(betaincinv(n_hits + 1, n - n_hits, 0.975))
    return low, high


def check_error_rate(n_wrong: int, n: int, target: float) -> RateCheck:
    """Whether at most ``1 - target`` of all pictures are wrong, by ``n`` of them that were drawn at random.

    Kept or broken only if the whole exact interval of the error rate lies on that side.
    """
    low, high = exact_interval(n_wrong, n)
    allowed = 1 - target + 1e-12
    verdict: Verdict = "kept" if high <= allowed else "broken" if low > allowed else "undecided"
    return RateCheck(n_wrong, n, low, high, verdict)


@lru_cache(maxsize=32)  # seconds for a million pictures
def check_automation_rate(n_automated: int, n: int, n_promised: int, n_reference: int) -> RateCheck:
    """Whether ``n_automated`` of ``n`` pictures is what ``n_promised`` of ``n_reference`` others let expect.

    ``low`` to ``high`` is the range to expect: 95% of the beta-binomial distribution of new pictures, with Jeffreys'
    prior for the rate. Fewer than that are a broken promise, more are not.
    """
    from scipy.stats import betabinom

    expected = betabinom(n, n_promised + 0.5, n_reference - n_promised + 0.5)
    low, high = (float(expected.ppf(quantile)) / n for quantile in (0.025, 0.975))
    return RateCheck(n_automated, n, low, high, "broken" if n_automated / n < low else "kept")

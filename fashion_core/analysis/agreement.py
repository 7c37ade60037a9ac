"""Do two people give pictures the same class?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """``n_equal`` of ``n`` pairs of answers are equal. ``kappa``: Cohen's, -1 to 1; None if every answer is the same,
    where it is not defined."""

    n: int
    n_equal: int
    kappa: float | None

    @property
    def rate(self) -> float:
        """The fraction of equal answers, 0 to 1."""
        return self.n_equal / self.n


def measure_agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Agreement beyond chance (J. Cohen, Educational and Psychological Measurement 20, 1960); one pair at least."""
    n, n_equal = len(pairs), sum(first == second for first, second in pairs)
    firsts, seconds = (Counter(answers) for answers in zip(*pairs, strict=True))
    by_chance = sum(count * seconds[answer] for answer, count in firsts.items()) / n**2
    kappa = None if by_chance == 1 else (n_equal / n - by_chance) / (1 - by_chance)
    return Agreement(n, n_equal, kappa)

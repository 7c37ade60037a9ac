"""A client may ask so often on average, and so many times at once."""

import pytest

from fashion_core.api import rate_limit
from fashion_core.api.limits import RequestRefused
from fashion_core.api.rate_limit import RateLimit


def count_accepted(limit: RateLimit, client: str, n: int) -> int:
    accepted = 0
    for _ in range(n):
        try:
            limit.check(client)
            accepted += 1
        except RequestRefused:
            continue
    return accepted


def test_a_bucket_empties_and_fills_again_for_each_client() -> None:
    now = [0.0]
    limit = RateLimit(2, 10, lambda: now[0])
    assert count_accepted(limit, "a", 20) == 10
    assert count_accepted(limit, "b", 3) == 3
    now[0] = 2.5
    assert count_accepted(limit, "a", 20) == 5
    now[0] = 1000.0
    assert count_accepted(limit, "a", 20) == 10


def test_over_a_long_time_no_more_than_the_rate_are_accepted() -> None:
    now = [0.0]
    limit = RateLimit(5, 3, lambda: now[0])
    accepted = 0
    for _ in range(1000):
        now[0] += 0.01
        accepted += count_accepted(limit, "a", 1)
    assert 50 <= accepted <= 53


def test_the_wait_that_is_asked_for_is_enough() -> None:
    now = [0.0]
    limit = RateLimit(0.25, 1, lambda: now[0])
    limit.check("a")
    with pytest.raises(RequestRefused) as refused:
        limit.check("a")
    assert (refused.value.status, refused.value.retry_after) == (429, 4)
    now[0] = 4.0
    limit.check("a")


def test_only_the_latest_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 2)
    limit = RateLimit(1, 1, lambda: 0.0)
    for client in "abc":
        limit.check(client)
    assert count_accepted(limit, "c", 1) == 0
    assert count_accepted(limit, "a", 1) == 1

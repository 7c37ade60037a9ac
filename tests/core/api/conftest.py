"""The API with the recognition networks, without a token."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from fashion_core.api.app import make_app
from fashion_core.api.limits import Limits
from tests.core.api.servers import LOOPBACK, shipped_predictor


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    limits = Limits(requests_per_second=10_000, burst=10_000)
    with TestClient(make_app(shipped_predictor(), limits=limits), LOOPBACK, raise_server_exceptions=False) as opened:
        yield opened

"""What one client, and all together, may ask of the API."""

from dataclasses import dataclass

from fashion_core.errors import FashionError
from fashion_core.vision.decode import MAX_PICTURE_BYTES


@dataclass(frozen=True)
class Limits:
    """Limits of size in bytes, of time in seconds, and of numbers.

    ``max_requests``: read or answered at the same time, ``max_requests_of_client`` of them of one client.
    ``requests_per_second``: of one client on average, after ``burst`` at once.
    """

    picture_bytes: int = MAX_PICTURE_BYTES
    body_bytes: int = 64 * 2**20
    max_pictures: int = 64
    body_seconds: float = 30
    answer_seconds: float = 30
    n_workers: int = 2
    max_waiting: int = 16
    max_requests: int = 64
    max_requests_of_client: int = 32
    requests_per_second: float = 50
    burst: int = 100


class RequestRefused(FashionError):
    """A request that is answered with ``status`` and the sentence ``str(error)``. ``retry_after``: seconds after which
    the same request may succeed, or None."""

    def __init__(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.retry_after = status, retry_after

"""Prepare many pictures: on several threads, in order, with few in memory, and whatever goes wrong with one."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from fashion_core.errors import PictureError

CANNOT_PREPARE_MESSAGE = "This picture cannot be prepared. Save it again as PNG or JPEG."

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, n_threads: int, n_ahead: int
) -> Generator[Result, None, None]:
    """``function`` of each item, in order, by ``n_threads`` threads; OpenCV and Pillow release the GIL.

    At most ``n_ahead`` results are computed before they are needed. Items are taken one by one in the caller's thread.
    Closing the generator ends the threads.
    """
    remaining, waiting = iter(items), deque[Future[Result]]()
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="prepare")
    try:
        while True:
            waiting.extend(pool.submit(function, item) for item in islice(remaining, n_ahead - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def preparation_errors() -> Iterator[None]:
    """Raise ``PictureError`` for what OpenCV and NumPy raise in the ``with`` statement."""
    import cv2

    try:
        yield
    except (cv2.error, ValueError, ArithmeticError, LookupError, MemoryError) as error:
        raise PictureError(CANNOT_PREPARE_MESSAGE) from error

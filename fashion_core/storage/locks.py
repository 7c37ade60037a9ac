"""A lock between processes, with a time limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_core.errors import LockedError, StorageError

FILE_LOCK_TIMEOUT_SECONDS = 10.0  # seconds


@contextmanager
def lock(path: Path, *, timeout: float = FILE_LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold the lock at ``path`` for the body of the ``with`` statement; it ends with its process at the latest.

    Nothing asks whether a lock is free: whoever wants to know whether a job runs looks at the job's process.

    Raises ``LockedError`` when another process holds the lock for longer than ``timeout`` seconds, and ``StorageError``
    when the folder can't be written.
    """
    file_lock = FileLock(path, timeout=timeout)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file_lock.acquire()
    except Timeout as error:
        raise LockedError(
            f"{path} has been locked by another process for {timeout:g} seconds. Try again, and end that process if "
            "it stays locked."
        ) from error
    except OSError as error:
        raise StorageError(
            f"{path.parent} cannot be written ({error.strerror}). Set FASHION_HOME to a folder that can."
        ) from error
    try:
        yield
    finally:
        file_lock.release()

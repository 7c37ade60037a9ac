"""Who may ask: bearer tokens, and addresses that only this computer reaches."""

import hashlib
import hmac
import ipaddress
import os
from pathlib import Path

from fashion_core.errors import ConfigError
from fashion_core.storage.files import read_file

TOKEN_VARIABLE = "FASHION_API_TOKEN"
MIN_TOKEN_LENGTH = 16  # characters
MAX_TOKEN_FILE_BYTES = 2**20
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def read_tokens(path: Path | None) -> tuple[str, ...]:
    """The tokens in a file, one a line, or else the one in ``FASHION_API_TOKEN``; empty without both.

    Raises ``StorageError`` when the file can't be read, and ``ConfigError`` when it holds no token or a bad one.
    """
    if path is None:
        tokens = os.environ.get(TOKEN_VARIABLE, "").split()
        source = TOKEN_VARIABLE
    else:
        tokens = read_file(path, MAX_TOKEN_FILE_BYTES).decode("utf-8", "replace").split()
        source = str(path)
        if not tokens:
            raise ConfigError(f"{source} holds no token. Write one into it, for example from openssl rand -hex 16.")
    if any(len(token) < MIN_TOKEN_LENGTH or not token.isascii() for token in tokens):
        raise ConfigError(
            f"A token in {source} is too short or not plain ASCII. Use at least {MIN_TOKEN_LENGTH} letters and digits, "
            "for example from openssl rand -hex 16."
        )
    return tuple(tokens)


def check_address(address: str, tokens: tuple[str, ...]) -> None:
    """Raise ``ConfigError`` when other computers would reach an API without a token."""
    if not tokens and not is_loopback(address):
        raise ConfigError(
            f"The API would listen on {address}, where other computers reach it, without a token. Set {TOKEN_VARIABLE} "
            "or --token-file, or listen on 127.0.0.1."
        )


def is_loopback(address: str) -> bool:
    """Whether only this computer reaches a server that listens on ``address``."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address in LOOPBACK_NAMES


def find_token(authorization: str, tokens: tuple[str, ...]) -> str | None:
    """The name of the token in an ``Authorization`` header, its hash; None when it isn't one of ``tokens``.

    Compares hashes in constant time, with every token, so that the time tells nothing about them.
    """
    scheme, _, given = authorization.partition(" ")
    digest = hashlib.sha256(given.strip().encode()).digest()
    matches = [hmac.compare_digest(digest, hashlib.sha256(token.encode()).digest()) for token in tokens]
    return digest.hex() if scheme.lower() == "bearer" and any(matches) else None

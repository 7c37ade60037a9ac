"""Which tokens are accepted, and where an API without one may listen."""

from pathlib import Path

import pytest

from fashion_core.api.tokens import check_address, find_token, is_loopback, read_tokens
from fashion_core.errors import ConfigError, StorageError

FIRST, SECOND = "0123456789abcdef", "b" * 40


def test_tokens_come_from_a_file_or_else_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_tokens(None) == ()
    monkeypatch.setenv("FASHION_API_TOKEN", f" {FIRST}\n")
    assert read_tokens(None) == (FIRST,)
    path = tmp_path / "tokens"
    path.write_text(f"{SECOND}\r\n\n{FIRST}\n")
    assert read_tokens(path) == (SECOND, FIRST)


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"short", FIRST.encode() + b"\nshort", "ключ-из-многих-букв".encode(), b"\xff" * 20]
)
def test_a_file_without_a_good_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="openssl rand"):
        read_tokens(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        read_tokens(tmp_path)


def test_a_short_token_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_API_TOKEN", "secret")
    with pytest.raises(ConfigError):
        read_tokens(None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.0.2", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_only_this_computer_reaches_an_api_without_a_token(address: str, expected: bool) -> None:
    assert is_loopback(address) == expected
    check_address(address, (FIRST,))
    if expected:
        check_address(address, ())
    else:
        with pytest.raises(ConfigError, match="token"):
            check_address(address, ())


def test_each_token_has_a_name_that_does_not_contain_it() -> None:
    names = [find_token(f"Bearer {token}", (FIRST, SECOND)) for token in (FIRST, SECOND)]
    assert len(set(names)) == 2
    assert all(name and FIRST not in name for name in names)
    assert find_token(f"Bearer {FIRST}", ()) is None
    assert find_token(f"Bearer {FIRST} {FIRST}", (FIRST,)) is None

"""Requests made from the OpenAPI description, valid and damaged: each answer is one that the description allows."""

import subprocess
import sys
from pathlib import Path

import pytest

from fashion_core.api.limits import Limits
from tests.core.api.servers import AUTHORIZATION, TOKEN, running_api

# 413 rejects a request with too many pictures, which the tool doesn't expect by itself
CONFIG = """[checks.negative_data_rejection]
expected-statuses = ["400", "401", "405", "413", "415"]
"""


@pytest.mark.slow
@pytest.mark.parametrize("n_examples", [20, pytest.param(300, marks=pytest.mark.exhaustive)])  # of each address
def test_every_answer_is_one_that_the_description_allows(n_examples: int, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    limits = Limits(requests_per_second=10_000, burst=10_000, body_seconds=1)
    with running_api(limits, tokens=(TOKEN,)) as (host, port):
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"http://{host}:{port}/openapi.json", "--no-color"]
        command += ["--header", f"Authorization: {AUTHORIZATION['Authorization']}", "--seed", "0"]
        command += ["--generation-database", "none", "--max-examples", str(n_examples)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr

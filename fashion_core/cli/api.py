"""``api``: answer requests over HTTP with the classes of the pictures in them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_core.cli.arguments import (
    MAX_PORT,
    add_data_argument,
    add_runs_argument,
    add_target_argument,
    whole_number,
)
from fashion_core.recognition.promises import load_reference_predictions
from fashion_core.recognition.shipped_recognizer import load_recognizer
from fashion_core.runs.run_data import read_run_options
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.wording.api import describe_threshold

if TYPE_CHECKING:
    from fashion_core.api.predictor import Predictor


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("api", help="answer requests over HTTP with the classes of pictures")
    parser.add_argument(
        "--run", dest="run_name", metavar="RUN",
        help=f"the run that answers (default: {' and '.join(RECOGNITION_RUN_IDS)} together)",
    )  # fmt: skip
    add_target_argument(parser, "the automatic pictures")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="address to listen on (default: 127.0.0.1, which only this computer reaches)",
    )
    parser.add_argument(
        "--port", type=whole_number(0, MAX_PORT), default=8700, metavar="N",
        help="port to listen on (8700; 0: a free one)",
    )  # fmt: skip
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help="file with the tokens that clients send, one a line (default: the token in FASHION_API_TOKEN)",
    )  # fmt: skip
    add_data_argument(parser)
    add_runs_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Load the model and serve it until the process is told to end."""
    # Starlette and uvicorn take a while to import, and no other command needs them
    from fashion_core.api.app import make_app
    from fashion_core.api.limits import Limits
    from fashion_core.api.server import listen, make_server
    from fashion_core.api.tokens import check_address, read_tokens

    tokens = read_tokens(args.token_file)
    check_address(args.address, tokens)
    predictor = load_predictor(RunStore(args.runs), args.run_name, args.target / 100, args.data)
    predictor.warm_up()
    limits = Limits()
    with listen(args.address, args.port) as listener:
        host = f"[{args.address.strip('[]')}]" if ":" in args.address else args.address
        print(describe_threshold(predictor.run, predictor.target, predictor.threshold))
        print(f"Listening on http://{host}:{listener.getsockname()[1]}", flush=True)
        make_server(make_app(predictor, tokens, limits), limits.answer_seconds).run(sockets=[listener])


def load_predictor(store: RunStore, run_name: str | None, target: float, data: str = "") -> "Predictor":
    """A run, or the recognition networks together, with the threshold for ``target`` from validation.

    ``data``: the data set that validation is of, or empty for the run's own.

    Raises ``RunError`` when the run can't be used and ``ConfigError`` when the target is not above 0 and below 1.
    """
    from fashion_core.api.predictor import Predictor

    run = store.get(run_name) if run_name else None
    recognizer, validation = load_recognizer(store, run), load_reference_predictions(store, run, data)
    classes, options = read_run_options(run or store.get(RECOGNITION_RUN_IDS[0]), "auto")
    name = run.id if run else "+".join(RECOGNITION_RUN_IDS)
    return Predictor.from_validation(recognizer, classes, options, name, target, validation)

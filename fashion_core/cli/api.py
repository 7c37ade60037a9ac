"""``api``: answer requests over HTTP with the classes of the pictures in them."""

import argparse
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import (
    MAX_PORT,
    add_data_argument,
    add_run_argument,
    add_runs_argument,
    add_target_argument,
    find_chosen_run,
    whole_number,
)
from fashion_core.cli.sort import load_sorting_model
from fashion_core.runs.store import RunStore
from fashion_core.wording.api import describe_threshold


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("api", help="answer requests over HTTP with the classes of pictures")
    add_run_argument(parser, "answers")
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
    from fashion_core.api.predictor import Predictor
    from fashion_core.api.server import listen, make_server
    from fashion_core.api.tokens import check_address, read_tokens

    tokens = read_tokens(args.token_file)
    check_address(args.address, tokens)
    store = RunStore(args.runs)
    model, _ = load_sorting_model(store, find_chosen_run(store, args), args.target / 100, args.data)
    predictor, promise = Predictor(model), model.promise
    predictor.warm_up()
    limits = Limits()
    with listen(args.address, args.port) as listener:
        host = f"[{args.address.strip('[]')}]" if ":" in args.address else args.address
        print(describe_threshold(promise.run, promise.target, promise.threshold))
        print(f"Listening on http://{host}:{listener.getsockname()[1]}", flush=True)
        make_server(make_app(predictor, tokens, limits), limits.answer_seconds).run(sockets=[listener])

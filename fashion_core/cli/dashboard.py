"""``dashboard``: start the dashboard and open it in a browser."""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import MAX_PORT, whole_number

EVERY_ADDRESS = ("0.0.0.0", "::")
PACKAGE_FOLDER = Path(__file__).resolve().parents[1]


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser(
        "dashboard",
        help="start the dashboard",
        epilog="Streamlit's environment variables, such as STREAMLIT_SERVER_ADDRESS, set everything else.",
    )
    parser.add_argument(
        "--port", type=whole_number(1, MAX_PORT), metavar="N",
        help="port of the server (default: 8501, or the next free one)",
    )  # fmt: skip
    parser.add_argument("--address", help="address to listen on (default: 127.0.0.1, which only this computer reaches)")
    parser.add_argument(
        "--mode", choices=("local", "classroom", "presentation"), help="who may do what: see docs/hosting.md"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    parser.set_defaults(run=run)


def find_dashboard_script() -> Path:
    """Path of ``dashboard.py``: in the installed package, or in the checkout that the package belongs to."""
    installed = PACKAGE_FOLDER / "_dashboard" / "dashboard.py"
    return installed if installed.is_file() else PACKAGE_FOLDER.parent / "dashboard.py"


def run(args: argparse.Namespace) -> None:
    """Turn this process into Streamlit's server, which reads ``.streamlit/config.toml`` beside the script."""
    command = [sys.executable, "-m", "streamlit", "run", str(find_dashboard_script())]
    if args.port is not None:
        command += ["--server.port", str(args.port)]
    if args.address is not None:
        command += ["--server.address", args.address]
    if args.address in EVERY_ADDRESS:  # else Streamlit asks a server in the internet for this computer's address
        command += ["--browser.serverAddress", socket.gethostname()]
    if args.mode is not None:
        os.environ["FASHION_MODE"] = args.mode
    if args.no_browser:
        command += ["--server.headless", "true"]
    # C's memory manager gives back what is freed; left alone, it keeps 40 MB of what was only needed for a moment
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**17))
    if os.name == "posix":
        os.execv(sys.executable, command)
    raise SystemExit(subprocess.run(command).returncode)  # elsewhere the shell would not wait for the new process

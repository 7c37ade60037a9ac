"""Clothing classification on Fashion-MNIST: data, models, training, runs, analysis and reports.

Nothing in this package imports Streamlit; the dashboard is one of its users, the command line another.
"""

import os

# Libraries read these when they are imported, in every process that the program starts. ONNX Runtime would write an id
# of the device into the home folder and report to its maker, and Ray would report its usage.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

__version__ = "0.1.0"

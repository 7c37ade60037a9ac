"""Clothing classification on Fashion-MNIST: data, models, training, runs, analysis and reports.

Nothing in this package imports Streamlit; the dashboard is one of its users, the command line another.
"""

__version__ = "0.1.0"

"""Yutang (鱼塘): a self-hosted platform for the customers that a merchant owns and serves for years."""

import os

# Before NumPy is loaded: its threads for small matrices cost more than they bring, and stand in the way of DuckDB's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"

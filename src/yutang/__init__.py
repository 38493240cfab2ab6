"""Yutang (鱼塘): a self-hosted platform for the customers that a merchant owns and serves for years."""

__version__ = "0.1.0"

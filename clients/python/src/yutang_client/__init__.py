"""Typed client of the API of Yutang."""

from yutang_client.client import Client
from yutang_client.problems import (
    Busy,
    Changed,
    Conflict,
    InputIsWrong,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    TooManyCalls,
)

__all__ = [
    "Busy",
    "Changed",
    "Client",
    "Conflict",
    "InputIsWrong",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "Problem",
    "TooManyCalls",
]

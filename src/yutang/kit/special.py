"""Special functions of SciPy, loaded when the first is called: a sixth of the time in which a command starts would go to them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def load_methods() -> None:
    """Load what the methods use of SciPy, for a process that answers requests: nobody then waits for it."""
    for name in ("scipy.special", "scipy.optimize", "scipy.sparse"):
        import_module(name)


def _of_scipy(name: str) -> Callable[..., Any]:
    def special(*arguments: Any) -> Any:
        return getattr(import_module("scipy.special"), name)(*arguments)

    return special


betainc = _of_scipy("betainc")
betaln = _of_scipy("betaln")
chdtrc = _of_scipy("chdtrc")
digamma = _of_scipy("digamma")
expit = _of_scipy("expit")
gammaln = _of_scipy("gammaln")
ndtri = _of_scipy("ndtri")
stdtr = _of_scipy("stdtr")
stdtrit = _of_scipy("stdtrit")

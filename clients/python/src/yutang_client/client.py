"""The client: all operations over one pool of connections."""

from __future__ import annotations

from types import TracebackType

from yutang_client.calls import Caller
from yutang_client.operations import Operations


class Client(Caller, Operations):
    """Calls the API; use it in a ``with`` block, or close it."""

    def __enter__(self) -> Client:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

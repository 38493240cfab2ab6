"""Pages share the people of delivery."""

from tests.delivery.conftest import clock, reachable, said, texts

__all__ = ["clock", "reachable", "said", "texts"]

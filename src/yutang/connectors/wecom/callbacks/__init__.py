"""Callbacks of WeCom: pure functions that the endpoint calls, from the sealed body to a typed event."""

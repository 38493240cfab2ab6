"""A WeCom that does not exist: its server API, staff and customers, callbacks, limits and moods, on this machine only.

It shares no code with the client but the envelope of callbacks, so that a misreading on one side is found by the other.
"""

"""Reaching one person or one group: what may be sent to whom, by which way, and when."""

"""Footfall of stores and bought traffic by channel and day."""

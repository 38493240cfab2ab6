"""Footfall of stores, bought traffic, and visits: what led to them, bookings of a time, who came."""

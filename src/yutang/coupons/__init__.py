"""Coupons: what can be given, to whom it was given, and where it was redeemed."""

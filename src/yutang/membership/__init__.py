"""Prepaid balances: what customers paid in, what was given on top, what they spent, in a ledger that balances to zero."""

"""Payments: what is asked for, what was paid, what was given back, and the ledger of it all; by WeChat Pay or a cashier to try it on."""

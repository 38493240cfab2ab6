"""Referral: customers bring friends; who brings somebody gets a benefit for what the friend really does, in one level."""

"""Phones and mailboxes that do not exist: the sandbox for short messages and e-mail. Nothing leaves this machine."""

"""Playbooks: when this, wait, if, do that."""

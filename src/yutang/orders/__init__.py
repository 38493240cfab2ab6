"""Catalogue, orders, order lines, refunds."""

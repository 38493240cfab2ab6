"""Columnar tables and query engines. No Django here."""

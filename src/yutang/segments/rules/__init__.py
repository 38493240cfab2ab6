"""The language of rules: read from JSON, written in words, compiled to SQL. No Django."""

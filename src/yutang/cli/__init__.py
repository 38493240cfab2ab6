"""The command line. Thin: one file per domain, no rules, no model imports."""

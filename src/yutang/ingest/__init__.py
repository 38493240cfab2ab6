"""The import engine and the lake sync. Knows no domain: domains plug in targets, formats and lake tables."""

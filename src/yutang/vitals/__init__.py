"""How the installation feels: health, metrics, and what requests leave in the logs. Never anything about a person."""

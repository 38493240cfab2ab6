"""The web console for staff. Thin: one file per room, no rules, no model imports."""

"""The library of what can be said: texts, pictures, cards and files with versions, variables and approval."""

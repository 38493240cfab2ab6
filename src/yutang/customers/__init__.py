"""People: identities, merges with undo, review queue, tags, consent."""

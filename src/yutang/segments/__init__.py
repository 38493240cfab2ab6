"""Who belongs together: rules over declared facts, compiled to SQL; saved segments, their snapshots and presets."""

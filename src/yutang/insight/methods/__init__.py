"""Pure maths of the room: no store, no lake, no clock."""

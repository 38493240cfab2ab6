"""Pure mathematics of the room: no table, no clock."""

"""How sure one can be of what an attack found: pure functions on score arrays."""

"""How to walk, by kind of walking, never by province."""

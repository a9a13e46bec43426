"""Checks every kept byte and every link between rows, and says what it found."""

"""Rewriting: every address in an archived page made to lead to its capture; every other byte stays as archived."""

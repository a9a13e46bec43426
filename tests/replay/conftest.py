"""What the tests of replay share."""

from served import canary, chromium  # noqa: F401 - fixtures

"""What an archived document may do in the reader's browser: the policies that hold where rewriting missed something."""

from __future__ import annotations

from archive.replay.asking import Asked

# The body as captured: no script, form or plug-in, an origin of its own, nothing loaded from elsewhere.
_SOURCES = "default-src 'self' 'unsafe-inline' data:; form-action 'none'; base-uri 'none'"
INERT = f"sandbox; {_SOURCES}; frame-ancestors 'none'"
# What a replayed document may use within its sandbox; never allow-same-origin (it would share one origin with every
# other capture), allow-popups or allow-top-navigation (both lead out of the archive).
SANDBOX = "allow-scripts allow-forms allow-downloads"
_DEVICES = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "idle-detection", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock",
    "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{name}=()" for name in _DEVICES)


def replaying(asked: Asked) -> str:
    """The policy of a rewritten document: a sandbox, and nothing but the replay prefix of this server."""
    web = f"{asked.replay}/web/"
    plain = f"{web} data: blob:"
    return (
        f"sandbox {SANDBOX}; default-src 'none'; script-src {plain} {asked.replay}/replay/ 'unsafe-inline' 'unsafe-eval'; "
        f"style-src {plain} 'unsafe-inline'; img-src {plain}; font-src {plain}; media-src {plain}; connect-src {plain}; "
        f"frame-src {web}; object-src {web}; manifest-src {web}; worker-src blob:; form-action {web}; base-uri {web}"
    )


def framing(asked: Asked) -> str:
    """The policy of the page around a replayed document: its frame goes nowhere but to the replay prefix."""
    own = f"{asked.replay}/replay/"
    return (
        f"default-src 'none'; frame-src {asked.replay}/web/ {asked.replay}/records/; script-src {own}; style-src {own}; "
        f"connect-src {own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

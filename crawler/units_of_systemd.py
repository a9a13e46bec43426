"""What `tangthu schedule systemd` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_SERVICE = """\
# {name}.service: save as /etc/systemd/system/{name}.service, then: systemctl enable --now {name}.{enabled}
[Unit]
Description=Tàng Thư: scheduled crawls into {archive}
Wants=network-online.target
After=network-online.target

[Service]
Type={type}
ExecStart={command} schedule {verb} --archive {archive}{options}
WorkingDirectory={folder}
{secrets}KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=300
{restart}
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={folder}{written}
"""
_SECRETS = """\
# What the file of --notify calls password_env and token_env: NAME=value, one a line, readable by root alone.
EnvironmentFile=-/etc/tangthu/env
"""
_INSTALL = "\n[Install]\nWantedBy=multi-user.target\n"
_TIMER = """
# {name}.timer: save as /etc/systemd/system/{name}.timer
[Unit]
Description=Tàng Thư: what is due, every ten minutes

[Timer]
OnCalendar=*:0/10
Persistent=true

[Install]
WantedBy=timers.target
"""


def printed(
    archive: Path, command: Path, *, timer: bool, parallel: int | None = None, notify: Path | None = None, written: Sequence[Path] = ()
) -> str:
    """The unit for an archive (paths are absolute); with `timer` a service of type oneshot and the timer that starts it.

    `parallel` and `notify` are what `schedule run` and `schedule due` are told; `written` are the folders into which notifications are written.
    """
    options = (f" --parallel {parallel}" if parallel is not None else "") + (f" --notify {_quoted(notify)}" if notify else "")
    name = f"tangthu-{archive.stem}"
    service = _SERVICE.format(
        name=name, archive=_quoted(archive), folder=_quoted(archive.parent), command=_quoted(command),
        enabled="timer" if timer else "service", type="oneshot" if timer else "exec", verb="due" if timer else "run", options=options,
        secrets=_SECRETS if notify else "", written="".join(f" {_quoted(path)}" for path in dict.fromkeys(written) if path != archive.parent),
        restart="" if timer else "Restart=on-failure\nRestartSec=30",
    )  # fmt: skip
    return service + (_TIMER.format(name=name) if timer else _INSTALL)


def _quoted(path: Path) -> str:
    """A path as systemd reads it (systemd.service(5), quoting; `%` is a specifier)."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if " " in text or '"' in text else text

"""What `tangthu schedule systemd` prints."""

from __future__ import annotations

from pathlib import Path

_SERVICE = """\
# {name}.service: save as /etc/systemd/system/{name}.service, then: systemctl enable --now {name}.{enabled}
[Unit]
Description=Tàng Thư: scheduled crawls into {archive}
Wants=network-online.target
After=network-online.target

[Service]
Type={type}
ExecStart={command} schedule {verb} --archive {archive}
WorkingDirectory={folder}
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=300
{restart}
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={folder}
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


def printed(archive: Path, command: Path, *, timer: bool) -> str:
    """The unit for an archive (an absolute path); with `timer` a service of type oneshot and the timer that starts it."""
    name = f"tangthu-{archive.stem}"
    service = _SERVICE.format(
        name=name, archive=_quoted(archive), folder=_quoted(archive.parent), command=_quoted(command),
        enabled="timer" if timer else "service", type="oneshot" if timer else "exec", verb="due" if timer else "run",
        restart="" if timer else "Restart=on-failure\nRestartSec=30",
    )  # fmt: skip
    return service + (_TIMER.format(name=name) if timer else _INSTALL)


def _quoted(path: Path) -> str:
    """A path as systemd reads it (systemd.service(5), quoting; `%` is a specifier)."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if " " in text or '"' in text else text

"""The ways out of the house: a mail over SMTP, a POST to a webhook, a file for Prometheus' textfile collector."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Seconds that a server is waited for.
PATIENCE = 30
# What can go wrong on the way out.
TROUBLE = (OSError, smtplib.SMTPException, HTTPException, ValueError)


@dataclass(frozen=True)
class Mail:
    """Where mails go. `tls` is starttls, tls (from the first byte) or none; `ca_file` names authorities of one's own."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    tls: str = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True)
class Hook:
    """Where JSON is posted; `token` goes along as a bearer token (RFC 6750)."""

    url: str
    token: str | None = None
    ca_file: str | None = None

    @property
    def where(self) -> str:
        """Its host: paths of webhooks are often what opens them."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def send(mail: Mail, subject: str, text: str) -> None:
    """Deliver a mail (RFC 5321, RFC 3207). Raises what is in TROUBLE."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = mail.sender, ", ".join(mail.to), " ".join(subject.split())
    made["Date"], made["Message-ID"], made["Auto-Submitted"] = formatdate(), make_msgid(domain="tangthu"), "auto-generated"
    made.set_content(text)
    context = ssl.create_default_context(cafile=mail.ca_file)
    opened = (
        smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=context) if mail.tls == "tls"
        else smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)
    )  # fmt: skip
    with opened as smtp:
        if mail.tls == "starttls":
            smtp.starttls(context=context)
        if mail.user and mail.password is not None:
            _login(smtp, mail.user, mail.password)
        smtp.send_message(made)


def _login(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Log in; smtplib knows ASCII only, while AUTH PLAIN is UTF-8 (RFC 4616, section 2)."""
    if (user + password).isascii():
        smtp.login(user, password)
        return
    smtp.ehlo_or_helo_if_needed()
    code, said = smtp.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A webhook that leads elsewhere is not followed: what is posted is for this address only."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(hook: Hook, plain: dict[str, Any]) -> None:
    """Post JSON; any status of 2xx is well. Raises what is in TROUBLE."""
    body = json.dumps(plain, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tangthu"}
    if hook.token:
        headers["Authorization"] = f"Bearer {hook.token}"
    context = ssl.create_default_context(cafile=hook.ca_file)
    opener = urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=context))
    asked = urllib.request.Request(hook.url, body, headers)  # noqa: S310  # http and https only, checked when the file is read
    try:
        with opener.open(asked, timeout=PATIENCE):
            pass
    except urllib.error.HTTPError as answer:
        answer.close()
        raise OSError(f"it answers {answer.code}") from None


_STATES = ("well", "failing", "fallen", "drifting", "overdue", "running", "never")


def textfile(path: Path, health: Iterable[Any], now: datetime) -> None:
    """Write the portals' health (`Reader.health`) where node_exporter's textfile collector reads it; it never sees half a file."""
    portals = list(health)
    lines: list[str] = []

    def metric(name: str, what: str, values: Iterable[tuple[dict[str, str], float]]) -> None:
        rows = [f"{name}{{{','.join(f'{k}={_quoted(v)}' for k, v in labels.items())}}} {value:.15g}" for labels, value in values]
        if rows:
            lines.extend([f"# HELP {name} {what}", f"# TYPE {name} gauge", *rows])

    def each(key: str) -> list[tuple[dict[str, str], float]]:
        return [({"portal": one.portal}, float(one.now[key])) for one in portals if key in one.now]

    metric("tangthu_portal_state", "1 for the state that a portal is in.", [
        ({"portal": one.portal, "state": state}, float(one.state == state)) for one in portals for state in _STATES
    ])  # fmt: skip
    metric("tangthu_last_run_started_timestamp_seconds", "When the last crawl of a portal began.", [
        ({"portal": one.portal}, datetime.fromisoformat(one.last["started"]).timestamp()) for one in portals if one.last
    ])  # fmt: skip
    metric("tangthu_last_run_success", "Whether the last crawl that ended went to its end.", [
        ({"portal": one.portal}, float(one.now["outcome"] == "finished")) for one in portals if one.now
    ])  # fmt: skip
    metric("tangthu_last_run_pages", "Pages that answered the last crawl.", each("answered"))
    metric("tangthu_last_run_articles", "Articles that were new or changed in the last crawl.", each("articles"))
    metric("tangthu_last_run_given_up", "Addresses that the last crawl gave up.", each("failed"))
    metric("tangthu_next_run_timestamp_seconds", "When a portal is due next.", [
        ({"portal": one.portal}, one.due.timestamp()) for one in portals if one.due
    ])  # fmt: skip
    lines += ["# HELP tangthu_written_timestamp_seconds When this file was written.", "# TYPE tangthu_written_timestamp_seconds gauge"]
    lines.append(f"tangthu_written_timestamp_seconds {now.timestamp():.15g}")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    """A label's value as Prometheus' text format has it."""
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return f'"{escaped}"'

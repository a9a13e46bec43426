"""Runs that need a person tell one: by mail, webhook and Prometheus' file; a channel that is broken stops nothing and is written down."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from archives import HOST, START, answer, exchange
from running import one_sentence, tangthu
from server import Portal

from archive import Depositor, Reader
from archive.errors import Misuse
from archive.model import Schedule
from archive.words import choose
from crawler.notify import Alarm, Watcher, after, plain, read, tell

PASSWORD = "mật-khẩu-bí-mật"


class Box:
    """A mail server that wants STARTTLS and the password, and keeps what it is given."""

    def __init__(self, folder):
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self.mails, self.logins = [], []
        self.control = Controller(
            self, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, auth_required=True, authenticator=self.login,
        )  # fmt: skip

    def login(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def box(tmp_path, monkeypatch):
    # It would connect to port 0.
    monkeypatch.setattr(Controller, "_trigger_server", lambda self: socket.create_connection(self.server.sockets[0].getsockname()).close())
    made = Box(tmp_path)
    made.control.start()
    made.port = made.control.server.sockets[0].getsockname()[1]
    yield made
    made.control.stop()


@pytest.fixture
def hook():
    """A webhook that keeps what is posted; its path /moved leads elsewhere."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response({"/moved": 302, "/broken": 500}.get(self.path, 204))
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", posted
        server.shutdown()


@pytest.fixture
def failed(tmp_path):
    """An archive whose last run failed."""
    path = tmp_path / "hue.db"
    with Depositor.open(path, now=lambda: START) as depositor:
        run = depositor.begin("hue")
        depositor.deposit(run, exchange(f"{HOST}/", answer(b"tin"))).result()
        depositor.end(run, "failed", "start_error").result()
    return path, run


def written(tmp_path, text):
    file = tmp_path / "bao.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_mail_goes_out_over_starttls_with_the_password(tmp_path, box, failed):
    told = read(
        written(tmp_path, f"""
            room = "http://phong-doc.example"
            [mail]
            to = ["luu-tru@hue.example"]
            from = "tangthu@hue.example"
            host = "127.0.0.1"
            port = {box.port}
            user = "tangthu"
            password_env = "MAIL_PASSWORD"
            ca_file = "{box.ca}"
        """),
        {"MAIL_PASSWORD": PASSWORD},
    )  # fmt: skip
    path, run = failed
    choose("vi")
    try:
        assert after(told, path, [("hue", run.id)]) == []
    finally:
        choose(None)
    [(to, mail)] = box.mails
    assert (to, box.logins) == (["luu-tru@hue.example"], [("tangthu", PASSWORD)])
    assert mail["Subject"] == "Tàng Thư: 1 điều cần biết ở hue"
    assert "lượt chạy thất bại: hue (start_error)" in mail.get_content()
    assert f"http://phong-doc.example/runs/{run.id}" in mail.get_content()
    kept = (tmp_path / "hue.db.notifications.jsonl").read_text(encoding="utf-8")
    assert json.loads(kept)["failure"] is None
    assert PASSWORD not in kept
    assert PASSWORD.encode() not in path.read_bytes()


def test_a_server_nobody_vouches_for_and_a_wrong_password_get_nothing(tmp_path, box, failed):
    where = f'[mail]\nto = "a@hue.example"\nfrom = "b@hue.example"\nhost = "127.0.0.1"\nport = {box.port}\nuser = "tangthu"\npassword_env = "P"\n'
    [said] = after(read(written(tmp_path, where), {"P": PASSWORD}), failed[0], [("hue", failed[1].id)])
    assert "certificate verify failed" in said.lower()
    assert box.logins == []
    [said] = after(read(written(tmp_path, where + f'ca_file = "{box.ca}"\n'), {"P": "sai"}), failed[0], [("hue", failed[1].id)])
    assert "SMTPAuthenticationError" in said
    assert box.mails == []


def test_a_webhook_gets_json_with_its_token_and_is_not_followed(tmp_path, hook, failed):
    at, posted = hook
    (tmp_path / "token").write_text("key\n", encoding="utf-8")
    told = read(written(tmp_path, f'[[webhook]]\nurl = "{at}/alarm"\ntoken_file = "{tmp_path / "token"}"\n[[webhook]]\nurl = "{at}/moved"\n[[webhook]]\nurl = "{at}/broken"\n'))
    said = after(told, failed[0], [("hue", failed[1].id)])
    assert [path for path, _, _ in posted] == ["/alarm", "/moved", "/broken"]
    assert posted[0][1]["Authorization"] == "Bearer key"
    [alarm] = json.loads(posted[0][2])["alarms"]
    assert (alarm["portal"], alarm["run"], alarm["notices"][0]["kind"]) == ("hue", failed[1].id, "failed")
    assert [("answers 302" in one, "answers 500" in one) for one in said] == [(True, False), (False, True)]
    kept = [json.loads(line) for line in (tmp_path / "hue.db.notifications.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["failure"] for one in kept] == [None, "OSError: it answers 302", "OSError: it answers 500"]
    assert kept[0]["alarms"] == [{"portal": "hue", "run": failed[1].id, "kinds": ["failed"]}]


def test_only_what_was_asked_for_is_told(tmp_path, hook, failed):
    at, posted = hook
    assert after(read(written(tmp_path, f'on = ["yield"]\n[[webhook]]\nurl = "{at}/"\n')), failed[0], [("hue", failed[1].id)]) == []
    assert posted == []


def test_the_file_for_prometheus_is_whole_and_escaped(tmp_path, failed):
    file = tmp_path / "tangthu.prom"
    with Depositor.open(failed[0], now=lambda: START) as depositor:
        depositor.schedule(Schedule('a"b\\c', "x", START, every=3600)).result()
    told = read(written(tmp_path, f'[prometheus]\nfile = "{file}"\n'))
    assert tell(told, failed[0], [], START + timedelta(hours=1)) == []
    lines = file.read_text(encoding="utf-8").splitlines()
    assert 'tangthu_portal_state{portal="hue",state="failing"} 1' in lines
    assert 'tangthu_portal_state{portal="a\\"b\\\\c",state="overdue"} 1' in lines
    assert 'tangthu_last_run_success{portal="hue"} 0' in lines
    assert [line for line in lines if line.startswith("tangthu_next_run_timestamp_seconds{")] == [
        f'tangthu_next_run_timestamp_seconds{{portal="a\\"b\\\\c"}} {START.timestamp():.15g}'
    ]
    kinds = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))
    assert [p.name for p in tmp_path.glob(".tangthu.prom*")] == []
    [said] = tell(read(written(tmp_path, f'[prometheus]\nfile = "{tmp_path}/no/a.prom"\n')), failed[0], [], START)
    assert "not delivered" in said


def test_a_run_that_does_not_happen_is_told_once(tmp_path, hook):
    at, posted = hook
    path = tmp_path / "hue.db"
    with Depositor.open(path, now=lambda: START) as depositor:
        depositor.schedule(Schedule("hue", "hue", START, every=3600)).result()
        depositor.schedule(Schedule("sau", "sau", START, cron="0 0 1 1 *")).result()
    watcher = Watcher(read(written(tmp_path, f'[[webhook]]\nurl = "{at}/"\n')), path)
    watcher(START + timedelta(minutes=29))
    assert posted == []
    for minutes in (31, 32, 45, 90):
        watcher(START + timedelta(minutes=minutes))
    [(_, _, body)] = posted
    [alarm] = json.loads(body)["alarms"]
    assert (alarm["portal"], alarm["run"], [n["kind"] for n in alarm["notices"]]) == ("hue", None, ["overdue"])


def test_who_waits_for_a_free_place_is_told_of_only_after_a_day(tmp_path, hook):
    at, posted = hook
    path = tmp_path / "hue.db"
    with Depositor.open(path, now=lambda: START) as depositor:
        for portal in ("hue", "sau"):
            depositor.schedule(Schedule(portal, portal, START, every=3600)).result()
    watcher, waits = Watcher(read(written(tmp_path, f'[[webhook]]\nurl = "{at}/"\n')), path), frozenset({"sau"})
    for minutes in (31, 60, 23 * 60, 24 * 60):
        watcher(START + timedelta(minutes=minutes), waits)
    assert [[alarm["portal"] for alarm in json.loads(body)["alarms"]] for _, _, body in posted] == [["hue"]]
    watcher(START + timedelta(minutes=24 * 60 + 1), waits)
    assert [alarm["portal"] for alarm in json.loads(posted[-1][2])["alarms"]] == ["sau"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("on = 3", "on must be a list"), ('on = ["nonsense"]', "on must be a list"), ("mial = 1", "mial is not known"), ("x = [", "not valid TOML"),
        ('[mail]\nto = "a"', "mail.from is missing"), ('[mail]\nto="a"\nfrom="b"\nhost="c"\npassword="x"', "mail.password is not known"),
        ('[mail]\nto="a"\nfrom="b"\nhost="c"\ntls="maybe"', "starttls, tls, none"), ('[mail]\nto="a"\nfrom="b"\nhost="c"\npassword_env="P"', "P, which is not set"),
        ('[[webhook]]\nurl = "file:///etc/passwd"', "http:// or https://"), ('mail = "a"', "must be a table"),
        ('[mail]\nto="a"\nfrom="b"\nhost="c"\ntls="none"\npassword_env="Q"', "readable"), ('[mail]\nto="a"\nfrom="b"\nhost="c"\nport="hai"', "mail.port"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused(tmp_path, text, says):
    with pytest.raises(Misuse, match=says):
        read(written(tmp_path, text), {"Q": "x"})


def test_many_lines_of_a_kind_are_counted():
    told = plain(Path("a.db"), [Alarm("hue", 1, [("edited", f"bài {n}") for n in range(25)])])
    assert told["text"].splitlines()[-1] == "and 5 more"
    assert len(told["alarms"][0]["notices"]) == 25


def test_a_crawl_whose_notification_fails_ends_as_it_would_have(tmp_path):
    with Portal() as portal:
        portal.on("/robots.txt", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        dead = Portal()
        file = written(tmp_path, f'[[webhook]]\nurl = "http://127.0.0.1:{dead.port}/secret-path"\n')
        dead.__exit__()
        portal.on("/", lambda wire: wire.cut())
        ended = tangthu("crawl", portal.url("/"), "--own-host", "--archive", tmp_path / "a.db", "--set", "RETRY_WAIT=0.01", TANGTHU_NOTIFY=str(file))
    assert ended.code == 1
    assert "the notification was not delivered" in ended.err
    assert "secret-path" not in ended.err + (tmp_path / "a.db.notifications.jsonl").read_text(encoding="utf-8")
    with Reader.open(tmp_path / "a.db") as reader:
        assert [run["outcome"] for run in reader.runs()] == ["finished"]
    bad = tangthu("crawl", "http://127.0.0.1:1/", "--notify", tmp_path / "none.toml", "--archive", tmp_path / "b.db")
    assert bad.code == 2
    assert one_sentence(bad.err)
    assert not (tmp_path / "b.db").exists(), "it is refused before anything begins"

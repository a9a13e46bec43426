"""The static site that the measurements crawl: 2,000 articles, 160 lists, 40 images, 20 PDFs, served by nginx on loopback."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

ARTICLES, LISTS, IMAGES, PDFS = 2000, 160, 40, 20
WORDS = ["hội", "nghị", "tỉnh", "ủy", "ban", "nhân", "dân", "triển", "khai", "nhiệm", "vụ", "phát", "triển", "kinh", "tế", "xã", "hội", "năm", "thực", "hiện", "chương", "trình", "nông", "thôn", "mới", "công", "tác", "cải", "cách", "hành", "chính", "chuyển", "đổi", "số", "đồng", "chí", "phát", "biểu", "chỉ", "đạo", "các", "sở", "ngành", "địa", "phương", "huyện", "thành", "phố", "tăng", "cường", "quản", "lý", "bảo", "đảm", "an", "ninh", "trật", "tự", "giáo", "dục", "y", "tế", "văn", "hóa", "du", "lịch", "đầu", "tư", "xây", "dựng", "giao", "thông", "biên", "giới", "đối", "ngoại", "hợp", "tác", "hữu", "nghị", "phòng", "chống", "dịch", "bệnh", "thiên", "tai", "lũ", "lụt"]


def make(folder: Path) -> int:
    """Write the site into `folder`; returns how many addresses it has. The same bytes each time."""
    dice = random.Random(20261122)
    (folder / "bai").mkdir(parents=True)
    for name, count, size in (("anh", IMAGES, 40_000), ("tep", PDFS, 200_000)):
        (folder / name).mkdir()
        for n in range(count):
            head = b"\xff\xd8\xff\xe0" if name == "anh" else b"%PDF-1.4\n"
            (folder / name / f"{n}.{'jpg' if name == 'anh' else 'pdf'}").write_bytes(
                head + dice.randbytes(size - len(head))
            )
    (folder / "kieu.css").write_text("body{margin:0}", encoding="utf-8")
    for n in range(LISTS):
        own = range(n * ARTICLES // LISTS, (n + 1) * ARTICLES // LISTS)
        links = [_item(a, dice) for a in own] + [_item(dice.randrange(ARTICLES), dice) for _ in range(75)]
        (folder / f"tin-tuc-{n}.html").write_text(
            _page(f"Tin tức trang {n}", "".join(links), n, dice), encoding="utf-8"
        )
    for n in range(ARTICLES):
        (folder / "bai" / f"{n}.html").write_text(_article(n, dice), encoding="utf-8")
    (folder / "index.html").write_text(
        _page("Trang chủ", "".join(_item(n, dice) for n in range(60)), 0, dice), encoding="utf-8"
    )
    return ARTICLES + LISTS + IMAGES + PDFS + 2


def _sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words)).capitalize() + "."


def _item(n: int, dice: random.Random) -> str:
    return f'<li class="tin"><a href="/bai/{n}.html">{_sentence(dice, 9)}</a><span>10/01/2026</span></li>\n'


def _article(n: int, dice: random.Random) -> str:
    body = "".join(f"<p>{_sentence(dice, 90)}</p>\n" for _ in range(26))
    pdf = f'<p><a href="/tep/{n // 10 % PDFS}.pdf">Tải văn bản</a></p>' if n % 10 == 0 else ""
    related = "".join(_item(dice.randrange(ARTICLES), dice) for _ in range(70))
    main = (
        f'<div class="bai-viet"><h1>{_sentence(dice, 12)}</h1><p class="ngay">Thứ bảy, 10/01/2026 08:15</p><p><b>{_sentence(dice, 40)}</b></p>'
        f'<p><img src="/anh/{n % IMAGES}.jpg" alt=""></p><p><em>Quang cảnh hội nghị</em></p>{body}{pdf}<p style="text-align:right"><b>Bích Diệp</b></p></div>'
        f'<div class="lien-quan"><h3>Tin liên quan</h3><ul>{related}</ul></div>'
    )
    return _page(f"Bài {n}", main, n, dice)


def _page(title: str, main: str, n: int, dice: random.Random) -> str:
    menu = "".join(
        f'<li><a href="/tin-tuc-{(n + k) % LISTS}.html">Chuyên mục {(n + k) % LISTS}</a></li>' for k in range(45)
    )
    page = (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title} - Cổng thông tin điện tử tỉnh Mẫu</title>'
        f'<link rel="stylesheet" href="/kieu.css"></head><body><a href="#noi-dung">Bỏ qua</a><ul class="menu">{menu}</ul>'
        f'<div id="noi-dung">{main}</div><div class="chan">Cơ quan chủ quản: UBND tỉnh Mẫu</div>'
    )
    script = ""
    while len(page.encode()) + len(script) < 47_900:  # what real pages fill with: inline script
        script += f'widget.push({{"id": {dice.randrange(10**8)}, "zone": "{dice.getrandbits(64):x}", "on": true}});\n'
    return page + f"<script>{script}</script></body></html>"


class Nginx:
    """nginx serving `folder` on a free port of loopback, as long as the block lasts."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._folder, self._work = folder, work
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self) -> Self:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin") or ""
        self._work.mkdir(parents=True, exist_ok=True)
        user = "user root;" if os.geteuid() == 0 else ""
        (self._work / "nginx.conf").write_text(
            f"""
            {user} worker_processes 1; daemon off; pid {self._work}/pid; error_log {self._work}/error.log;
            events {{ worker_connections 256; }}
            http {{ access_log off; sendfile on; keepalive_requests 100000; types {{ text/html html; text/css css; image/jpeg jpg; application/pdf pdf; }}
              client_body_temp_path {self._work}/b; proxy_temp_path {self._work}/p; fastcgi_temp_path {self._work}/f; uwsgi_temp_path {self._work}/u; scgi_temp_path {self._work}/s;
              server {{ listen 127.0.0.1:{self.port}; root {self._folder}; charset utf-8; }} }}""",
            encoding="utf-8",
        )
        self._process = subprocess.Popen([program, "-p", str(self._work), "-c", str(self._work / "nginx.conf")])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

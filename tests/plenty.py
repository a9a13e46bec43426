"""An archive with much in it: 34 portals, an address captured on most days of a year, long names, all that a page can have."""

from __future__ import annotations

from pathlib import Path

from archives import PDF, answer, exchange

from archive.deposit import Depositor
from archive.model import Article, Attachment, Cut, Document, Failure, Image, Refusal, Settlement
from archive.replay.portals import provinces

DAY = 86_400
BUSY = "https://hue.example/vi/tin-tuc-su-kien/hoi-nghi-tong-ket-cong-tac-thong-tin-doi-ngoai-nam-2026-va-trien-khai-nhiem-vu-nam-2027?mau=rat-dai&trang=1"
TITLE = "Hội nghị tổng kết công tác thông tin đối ngoại năm 2026, triển khai nhiệm vụ trọng tâm năm 2027 của tỉnh"
TEXT = (
    "Ngày 7/2, Ban Chỉ đạo công tác thông tin đối ngoại tỉnh tổ chức hội nghị tổng kết công tác năm {count} và triển khai nhiệm vụ "
    "năm sau. Đồng chí Chủ tịch Hội đồng nhân dân tỉnh chủ trì hội nghị, cùng dự có lãnh đạo các sở, ban, ngành."
)


def article(url: str, number: int, title: str = TITLE) -> Article:
    """One with everything that its page shows."""
    text = "\n\n".join(TEXT.format(count=number + n) for n in range(6))
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n"))
    table = "<table><tr><th>Đơn vị</th><th>Số vụ</th></tr><tr><td>Sở Ngoại vụ</td><td>12</td></tr></table>"
    host = url.rpartition("/")[0]
    return Article(
        url, title, None, text, f"{body}{table}<figure><img src='{host}/anh.jpg'><figcaption>Quang cảnh hội nghị</figcaption></figure>",
        ["Bích Diệp", "Lê An"], "TTXVN", f"2026-{number % 12 + 1:02}-{number % 27 + 1:02}T08:00:00+07:00", "2026-12-01", ["Tin tức", "Đối ngoại"],
        ["hội nghị", "đối ngoại"], "vi", [Image(f"{host}/anh.jpg", "Quang cảnh hội nghị")],
        [Attachment(f"{host}/qd.pdf", "Quyết định số 12/2026/QĐ-UBND về việc ban hành quy chế", "application/pdf"), Attachment(f"{host}/mat.pdf", "Phụ lục")],
        Document("12/2026/QĐ-UBND", "2026-01-10", "UBND tỉnh", "Lê Văn A", "Quyết định", "Ban hành quy chế"),
        cuts=[Cut("skip-link", "Skip to main content"), Cut("menu", "Trang chủ Giới thiệu Tin tức Văn bản Liên hệ")],
    )  # fmt: skip


def plenty(path: Path, days: int = 365) -> Path:
    """The archive, made."""
    with Depositor.open(path) as depositor:
        for at, province in enumerate(provinces()):
            run = depositor.begin(province.codes[0])
            for number in range(1 + at * 7 % 12):
                url = f"https://{province.codes[0]}.example/tin/{number}"
                capture = depositor.deposit(run, exchange(url, answer(TEXT.format(count=number).encode()), number * 40 * DAY + at)).result()
                depositor.settle(run, Settlement(-1, capture.id, "done", article(url, number * 3 + at))).result()
            depositor.end(run, "finished" if at % 3 else "interrupted", "the machine was switched off" if not at % 3 else None).result()
        run = depositor.begin("hue")
        depositor.deposit(run, exchange("https://hue.example/vi/tin-tuc-su-kien/qd.pdf", answer(PDF, "application/pdf"), 1)).result()
        for day in range(days):
            if day % 7 == 5:
                continue
            for hour in range(1 + day % 3):
                seconds = day * DAY + hour * 3600
                capture = depositor.deposit(run, exchange(BUSY, answer(f"<p>{day // 30} {TEXT}</p>".encode()), seconds)).result()
                depositor.settle(run, Settlement(-1, capture.id, "done", article(BUSY, day // 90))).result()
        depositor.deposit(run, exchange(BUSY, b"", days * DAY, failure=Failure("timeout", "no answer within 30 s"))).result()
        depositor.refuse(run, [Refusal("https://hue.example/cam", "robots", "Disallow: /cam", BUSY)])
        depositor.end(run, "finished").result()
    return path

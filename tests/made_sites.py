"""Sites of platforms that nobody knows: every name, the make of each page and what stands on it are drawn by lot from a seed.

Class names are neutral (`q7f`, `zeb-3`), so that nothing but the pages themselves says what is what. Each page comes with what its article is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html import escape

SYLLABLES = [
    "hội",
    "nghị",
    "tỉnh",
    "ủy",
    "ban",
    "nhân",
    "dân",
    "triển",
    "khai",
    "nhiệm",
    "vụ",
    "phát",
    "triển",
    "kinh",
    "tế",
    "xã",
    "hội",
    "năm",
    "thực",
    "hiện",
    "chương",
    "trình",
    "nông",
    "thôn",
    "mới",
    "công",
    "tác",
    "cải",
    "cách",
    "hành",
    "chính",
    "chuyển",
    "đổi",
    "số",
    "đồng",
    "chí",
    "phát",
    "biểu",
    "chỉ",
    "đạo",
    "các",
    "sở",
    "ngành",
    "địa",
    "phương",
    "huyện",
    "thành",
    "phố",
    "tăng",
    "cường",
    "quản",
    "lý",
    "bảo",
    "đảm",
    "an",
    "ninh",
    "trật",
    "tự",
    "giáo",
    "dục",
    "y",
    "tế",
    "văn",
    "hóa",
    "du",
    "lịch",
    "đầu",
    "tư",
    "xây",
    "dựng",
    "giao",
    "thông",
    "biên",
    "giới",
    "đối",
    "ngoại",
    "hợp",
    "tác",
    "hữu",
    "nghị",
    "phòng",
    "chống",
    "dịch",
    "bệnh",
    "thiên",
    "tai",
    "lũ",
    "lụt",
    "khánh",
    "thành",
    "cầu",
    "đường",
    "trường",
    "học",
    "trạm",
    "xá",
    "nước",
    "sạch",
    "điện",
    "lưới",
    "rừng",
    "biển",
    "đảo",
    "thanh",
    "niên",
    "phụ",
    "nữ",
    "cựu",
    "chiến",
    "binh",
    "người",
    "cao",
    "tuổi",
    "trẻ",
    "em",
]
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"]
MIDDLE, GIVEN = ["Văn", "Thị", "Hữu", "Minh", "Ngọc", "Đức"], ["An", "Bình", "Chi", "Dũng", "Hà", "Lan", "Sơn", "Tú"]
LETTERS = "bcdfghjkmnpqrstvwxz"


@dataclass(slots=True)
class Made:
    """One page of the site. `text` is what its article says, paragraph by paragraph; empty on pages that are none."""

    path: str
    html: str
    title: str = ""
    text: list[str] = field(default_factory=list)
    published: str | None = None
    author: str | None = None


class Site:
    """A site with `pages` pages, about a tenth of them lists; `shape` is short, mixed or long."""

    def __init__(self, seed: int, pages: int = 200, shape: str = "short") -> None:
        self.dice = random.Random(f"{seed} {shape}")
        self.shape = shape
        self._used: set[str] = set()
        self.names = {k: self._name() for k in PARTS}
        self.sections = [(self._slug(2), self._words(3, 4)) for _ in range(5)]
        self.knobs = {k: self.dice.choice(v) for k, v in KNOBS.items()}
        self.site = f"Cổng thông tin điện tử {self._words(2, 3)}"
        self.ads = [self._words(6, 12).capitalize() for _ in range(5)]
        self.foot = f"Cơ quan chủ quản: {self._words(5, 9)}. Địa chỉ: số {self.dice.randrange(1, 99)} đường {self._words(2, 3)}, điện thoại 0{self.dice.randrange(10**8)}. {self._sentence(24)}"
        self.asked = self._words(12, 16)
        lists = max(2, pages // 10)
        self.stories = [self._story(n) for n in range(pages - lists)]
        copies = max(1, len(self.stories) // 30)
        for n in range(copies):  # the same article under two addresses
            story = dict(self.stories[n])
            story["path"] = self._address(len(self.stories) - 1 - n + 5000, self.sections[-1][0])
            self.stories[-1 - n] = story
        self.pages = [self._article(s) for s in self.stories]
        size = -(-len(self.stories) // lists)
        self.pages += [self._list(n, self.stories[n * size : (n + 1) * size]) for n in range(lists)]
        self.pages.append(self._front())

    # Words.

    def _name(self) -> str:
        while True:
            d = self.dice
            name = d.choice(LETTERS) + "".join(d.choice(LETTERS + "0123456789") for _ in range(d.randrange(1, 3)))
            name += d.choice(["", f"-{d.randrange(9)}", d.choice(LETTERS)])
            if name not in self._used:
                self._used.add(name)
                return name

    def _words(self, low: int, high: int) -> str:
        return " ".join(self.dice.choices(SYLLABLES, k=self.dice.randint(low, high)))

    def _sentence(self, words: int) -> str:
        return self._words(words, words + 4).capitalize() + "."

    def _slug(self, words: int) -> str:
        plain = {"đ": "d"}
        text = self._words(words, words)
        return "-".join("".join(plain.get(c, c) if c.isascii() or c in plain else "a" for c in w) for w in text.split())

    def _address(self, number: int, section: str) -> str:
        slug = self._slug(4)
        return {
            "slug": f"/{section}/{slug}-{number}.html", "number": f"/bai/{number}", "query": f"/xem.aspx?id={number}",
            "deep": f"/web/{section}/-/{slug}-{number}", "date": f"/2026/0{number % 9 + 1}/{slug}-{number}",
        }[self.knobs["address"]]  # fmt: skip

    def _story(self, number: int) -> dict:
        d = self.dice
        section = d.choice(self.sections)
        count = {"short": 1, "mixed": d.choice([1, 1, 2, 3, 5, 8]), "long": d.randint(4, 10)}[self.shape]
        low, high = {"short": (18, 45), "mixed": (15, 70), "long": (40, 90)}[self.shape]
        day = f"{d.randint(1, 28):02}/{d.randint(1, 12):02}/{d.choice([2024, 2025, 2026])}"
        return {
            "number": number, "section": section, "path": self._address(number, section[0]),
            "title": self._words(7, 14).capitalize(), "lead": self._sentence(d.randint(14, 30)),
            "body": [" ".join(self._sentence(d.randint(9, 16)) for _ in range(max(1, d.randint(low, high) // 12))) for _ in range(count)],
            "day": day, "clock": f"{d.randint(7, 18):02}:{d.randint(0, 59):02}",
            "author": f"{d.choice(FAMILY)} {d.choice(MIDDLE)} {d.choice(GIVEN)}",
            "figure": d.random() < 0.4, "caption": self._words(6, 10).capitalize(), "file": d.random() < 0.15,
            "box": d.random() < 0.5, "has_lead": d.random() < (1 if self.shape == "short" else 0.85),
        }  # fmt: skip

    # Pieces of pages.

    def c(self, part: str) -> str:
        """class="…" of a part."""
        return f'class="{self.names[part]}"'

    def _link(self, story: dict) -> str:
        return f'<a href="{escape(story["path"])}">{escape(story["title"])}</a>'

    def _item(self, story: dict, part: str, *, summary: bool, day: bool = False) -> str:
        made = f"<h4>{self._link(story)}</h4>" if self.knobs["item_heading"] else self._link(story)
        made += f"<span {self.c('item_day')}>{story['day']}</span>" if day else ""
        made += f"<div {self.c('item_lead')}>{escape(story['lead'])}</div>" if summary else ""
        tag = self.knobs["item_tag"]
        return f"<{tag} {self.c(part)}>{made}</{tag}>"

    def _side(self) -> str:
        d, k = self.dice, self.knobs
        made = f"<div {self.c('box')}><div {self.c('box_head')}>Tin mới</div>"
        made += (
            "".join(self._item(s, "side_item", summary=k["side_summary"], day=True) for s in d.sample(self.stories, 6))
            + "</div>"
        )
        if k["feature"]:
            s = d.choice(self.stories)
            made += f"<div {self.c('feature')}><h3>{self._link(s)}</h3><p>{escape(s['lead'])}</p></div>"
        if k["poll"]:
            made += f"<div {self.c('poll')}><p>Theo bạn, {self.asked}?</p><label>Rất hài lòng</label> <label>Bình thường</label></div>"
        made += f"<div {self.c('count')}>Đang truy cập: <b>{d.randrange(500)}</b><br>Tổng lượt truy cập: <b>{d.randrange(10**7)}</b></div>"
        return f"<div {self.c('side')}>{made}</div>"

    def _ad(self, part: str) -> str:
        return f'<div {self.c(part)}><a href="http://quang-cao.example/{self.dice.randrange(999)}"><img src="/qc/{self.dice.randrange(9)}.gif"></a> {self.dice.choice(self.ads)}</div>'

    def _page(self, title: str, main: str, section: str) -> str:
        k, d = self.knobs, self.dice
        head = {
            "both": f"{title} - {self.site}",
            "site": self.site,
            "section": f"{section} - {self.site}",
            "bar": f"{title} | {section} | {self.site}",
        }[k["head"]]
        menu = "".join(f'<li><a href="/{slug}">{escape(name.capitalize())}</a></li>' for slug, name in self.sections)
        clock = (
            f"<div {self.c('clock')}>Thứ bảy, ngày 10/01/2026 {d.randint(10, 12)}:{d.randint(10, 59)}:{d.randint(10, 59)}</div>"
            if k["clock"]
            else ""
        )
        ribbon = (
            f"<div {self.c('ribbon')}>Tin nổi bật: {''.join(self._link(s) for s in d.sample(self.stories, 3))}</div>"
            if k["ribbon"]
            else ""
        )
        skip = f'<a {self.c("skip")} href="#{self.names["main"]}">Chuyển đến nội dung chính</a>' if k["skip"] else ""
        crumb = (
            f'<div {self.c("crumb")}><a href="/">Trang chủ</a> » <a href="/{section}">{escape(section.capitalize())}</a></div>'
            if k["crumb"]
            else ""
        )
        side = self._side()
        body = f'<div id="{self.names["main"]}" {self.c("main")}>{crumb}{main}</div>'
        for n in range(k["wrappers"]):
            body = f"<div {self.c(f'wrap{n}')}>{body}</div>"
        columns = side + body if k["side_first"] else body + side
        return (
            f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{escape(head)}</title></head><body>{skip}'
            f"<div {self.c('top')}><div {self.c('logo')}>{escape(self.site)}</div>{clock}<ul {self.c('menu')}>{menu}</ul>{ribbon}</div>"
            f"<div {self.c('page')}>{self._ad('ad_top') if k['ad_top'] else ''}{columns}</div><div {self.c('foot')}><p>{self.foot}</p></div></body></html>"
        )

    def _article(self, s: dict) -> Made:
        k = self.knobs
        heading = k["title_tag"]
        title = f"<{heading} {self.c('title')}>{escape(s['title'])}</{heading}>"
        when = {
            "plain": f"{s['day']} {s['clock']}",
            "label": f"Ngày đăng: {s['day']}",
            "view": f"{s['clock']}, {s['day']} | Lượt xem: {self.dice.randrange(9999)}",
        }[k["date"]]
        date = (
            f"<div {self.c('date')}>{when}</div>"
            if k["date_tag"] == "div"
            else f"<div {self.c('info')}><span {self.c('date')}>{when}</span></div>"
        )
        lead = ""
        if s["has_lead"]:
            lead = {
                "p": f"<p {self.c('lead')}><strong>{s['lead']}</strong></p>",
                "h2": f"<h2 {self.c('lead')}>{s['lead']}</h2>",
                "div": f"<div {self.c('lead')}>{s['lead']}</div>",
            }[k["lead_tag"]]
        tag = k["paragraph"]
        paragraphs = [f"<{tag}>{p}</{tag}>" for p in s["body"]] if tag != "br" else ["<br><br>".join(s["body"])]
        if s["figure"]:
            figure = f'<div {self.c("figure")}><img src="/anh/{s["number"]}.jpg"><div {self.c("caption")}>{s["caption"]}</div></div>'
            paragraphs.insert(min(1, len(paragraphs)), figure)
        if s["box"] and k["box_inside"]:
            box = f"<div {self.c('inner')}><b>Xem thêm</b><ul>{''.join(f'<li>{self._link(o)}</li>' for o in self.dice.sample(self.stories, 3))}</ul></div>"
            paragraphs.insert(len(paragraphs) // 2, box)
        if k["ad_inside"]:
            paragraphs.insert(len(paragraphs) // 2 + 1, self._ad("ad_in"))
        author = f"<div {self.c('author')}>{s['author']}</div>" if k["author"] else ""
        file = f'<div {self.c("file")}><a href="/tep/{s["number"]}.pdf">Văn bản kèm theo</a></div>' if s["file"] else ""
        tools = (
            f'<div {self.c("tools")}><a href="javascript:print()">In bài viết</a> <a href="#">Chia sẻ</a></div>'
            if k["tools"]
            else ""
        )
        related = f"<div {self.c('related')}><div {self.c('box_head')}>Các tin khác</div>{''.join(self._item(o, 'related_item', summary=k['related_summary'], day=True) for o in self.dice.sample(self.stories, 5))}</div>"
        inner = "".join(paragraphs) + (file if k["file_inside"] else "") + (author if k["author_inside"] else "")
        body = f"<div {self.c('body')}>{lead if k['lead_inside'] else ''}{inner}</div>"
        rest = ("" if k["author_inside"] else author) + ("" if k["file_inside"] else file)
        top = (date + title) if k["date_first"] else (title + date)
        main = f"<div {self.c('article')}>{top}{tools if k['tools_top'] else ''}{'' if k['lead_inside'] else lead}{body}{rest}{'' if k['tools_top'] else tools}{related if k['related_inside'] else ''}</div>"
        main += "" if k["related_inside"] else related
        day = "-".join(reversed(s["day"].split("/")))
        published = day if k["date"] == "label" else f"{day}T{s['clock']}:00+07:00"
        text = ([s["lead"]] if s["has_lead"] else []) + s["body"]
        return Made(
            s["path"],
            self._page(s["title"], main, s["section"][1]),
            s["title"],
            text,
            published,
            s["author"] if k["author"] else None,
        )

    def _list(self, number: int, stories: list[dict]) -> Made:
        slug, name = self.sections[number % len(self.sections)]
        items = "".join(self._item(s, "row", summary=True, day=True) for s in stories)
        more = f'<div {self.c("more")}><a href="/{slug}?trang={number + 2}">Trang sau</a></div>'
        path = f"/{slug}?trang={number + 1}" if number >= len(self.sections) else f"/{slug}"
        return Made(path, self._page(name.capitalize(), f"<div {self.c('rows')}>{items}</div>{more}", name))

    def _front(self) -> Made:
        links = "".join(f'<a href="{p.path}">{escape(p.title or p.path)}</a> ' for p in self.pages if not p.text)
        rows = "".join(self._item(s, "row", summary=True) for s in self.stories[:8])
        return Made(
            "/",
            self._page(
                "Trang chủ", f"<div {self.c('rows')}>{rows}</div><div {self.c('more')}>{links}</div>", "Trang chủ"
            ),
        )


PARTS = [
    "main",
    "top",
    "logo",
    "clock",
    "menu",
    "ribbon",
    "page",
    "foot",
    "side",
    "box",
    "box_head",
    "side_item",
    "feature",
    "poll",
    "count",
    "skip",
    "crumb",
    "wrap0",
    "wrap1",
    "wrap2",
    "wrap3",
    "ad_top",
    "ad_in",
    "article",
    "title",
    "date",
    "info",
    "lead",
    "body",
    "figure",
    "caption",
    "inner",
    "author",
    "file",
    "tools",
    "related",
    "related_item",
    "rows",
    "row",
    "more",
    "item_day",
    "item_lead",
]
KNOBS = {
    "address": ["slug", "number", "query", "deep", "date"],
    "head": ["both", "both", "site", "section", "bar"],
    "item_heading": [True, False],
    "item_tag": ["div", "li", "article"],
    "side_summary": [True, False, False],
    "feature": [True, False],
    "poll": [True, False],
    "clock": [True, False],
    "ribbon": [True, False],
    "skip": [True, False],
    "crumb": [True, True, False],
    "wrappers": [0, 1, 2, 4],
    "side_first": [True, False],
    "ad_top": [True, False],
    "title_tag": ["h1", "h2", "h3", "div"],
    "date": ["plain", "label", "view"],
    "date_tag": ["div", "span"],
    "lead_tag": ["p", "h2", "div"],
    "paragraph": ["p", "p", "div", "br"],
    "box_inside": [True, False],
    "ad_inside": [True, False],
    "author": [True, False],
    "tools": [True, False],
    "tools_top": [True, False],
    "related_summary": [True, False],
    "related_inside": [True, False],
    "lead_inside": [True, False],
    "date_first": [True, False],
    "file_inside": [True, False],
    "author_inside": [True, False],
}

from __future__ import annotations

import json
import pickle
import tomllib
from datetime import date
from pathlib import Path

import pytest

from archive.cleaning.clean import clean
from archive.cleaning.parse import parse
from archive.cleaning.rules import Rules, known, platforms, recognise
from archive.cleaning.selectors import Selector
from archive.errors import Misuse

PORTAL = """
extends = "drupal"
[find]
container = [".noi-dung-rieng"]
[drop]
moi = [".quang-ba"]
[[period]]
until = 2025-06-30
extends = "sharepoint"
[period.find]
container = ["#cu"]
"""


@pytest.mark.parametrize(("toml", "says"), [
    ("[find]\nconteiner = ['p']", "unknown key find.conteiner; did you mean container"),
    ("plattform = 'x'", "unknown key plattform; did you mean platform"),
    ("[find]\ncontainer = ['p::before']", "not a CSS selector"),
    ("[find]\ncontainer = [3]", "must be a list of texts"),
    ("extends = 'drupel'", "did you mean drupal"),
    ("[recognise]\nneeds = 0", "a number from 1"),
    ("[recognise]\naddresses = ['(']", "not a pattern"),
    ("[[period]]\nplatform = 'x'", "needs until"),
    ("[find", "not valid TOML"),
])  # fmt: skip
def test_a_mistake_is_named_with_file_and_mend(toml: str, says: str) -> None:
    with pytest.raises(Misuse) as refused:
        Rules.parse(toml, "mau.toml")
    assert "mau.toml" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(("toml", "says"), [
    ("find = 3", "mau.toml: find phải là một bảng."),
    ("[find]\ntitel = ['h1']", "mau.toml: không có khóa find.titel; có phải ý bạn là title."),
    ("extends = 'drupa'", "mau.toml: extends nêu nền tảng 'drupa', chưa ai biết; có phải ý bạn là drupal."),
    ("[find]\ntitle = ['h1 >']", "mau.toml: find.title chứa 'h1 >', không phải bộ chọn CSS: một phần của nó để trống."),
    ("[[period]]", "mau.toml: mỗi period cần có until, ngày cuối cùng nó còn đúng, ví dụ until = 2025-06-30."),
    ("[[period]]\nuntil = 2025-06-30\ndrop = 1", "mau.toml, giai đoạn đến hết 2025-06-30: drop phải là một bảng."),
])  # fmt: skip
def test_a_mistake_is_named_in_vietnamese(toml: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    with pytest.raises(Misuse) as refused:
        Rules.parse(toml, "mau.toml")
    assert str(refused.value) == says


def test_a_portal_inherits_its_platform_and_its_own_come_first() -> None:
    rules = Rules.parse(PORTAL, "mau.toml")
    assert rules.platform == "drupal"
    assert rules.find["container"] == (".noi-dung-rieng", *platforms()["drupal"].find["container"])
    assert rules.drop["moi"] == (".quang-ba",)
    assert rules.drop["skip-link"] == platforms()["drupal"].drop["skip-link"]


def test_rules_are_dated() -> None:
    rules = Rules.parse(PORTAL, "mau.toml")
    assert rules.on(date(2025, 6, 30)).platform == "sharepoint"
    assert rules.on(date(2025, 6, 30)).find["container"][0] == "#cu"
    assert rules.on(date(2025, 7, 1)).platform == "drupal"


def test_rules_of_a_portals_profile() -> None:
    blocks = [{"until": date(2025, 6, 30), "extends": "sharepoint"}, {"find": {"title": [".ten"]}}]
    rules = Rules.of_portal("drupal", blocks, where="mau.toml")
    assert rules.find["title"][0] == ".ten"
    assert rules.on(date(2025, 1, 1)).platform == "sharepoint"
    assert Rules.of_portal("drupal", [], where="mau.toml").digest == platforms()["drupal"].digest
    with pytest.raises(Misuse, match="two"):
        Rules.of_portal("drupal", [{}, {}], where="mau.toml")


@pytest.mark.parametrize("rules", [Rules.parse(PORTAL, "x"), Rules(), *platforms().values()])
def test_the_serialised_form_alone_repeats_the_rules(rules: Rules) -> None:
    again = Rules.load(rules.serialised())
    assert again.serialised() == rules.serialised()
    assert again.digest == rules.digest
    assert again.on(date(2020, 1, 1)).digest == rules.on(date(2020, 1, 1)).digest


@pytest.mark.parametrize("name", platforms())
def test_stored_rules_give_the_article_that_the_bundled_ones_gave(name: str) -> None:
    """As `verify` loads them: equal, and another object. The body stands beside the title in what the plain rules name."""
    text = "".join(f"<p>Sáng nay, lãnh đạo tỉnh Mẫu làm việc với đoàn công tác số {n} về kế hoạch năm tới của các xã, phường.</p>" for n in range(9))
    page = f'<div class="noi-dung"><h1>Làm việc với đoàn công tác</h1><div class="bai-viet">{text}</div></div>'.encode()
    made = clean(page, "https://x.example/tin/1", platforms()[name])
    assert made.text
    assert clean(page, "https://x.example/tin/1", Rules.load(platforms()[name].serialised())) == made


def test_other_formats_are_refused() -> None:
    for stored in (b"{}", b"[]", b"\xff", b'{"format": 99}'):
        with pytest.raises(Misuse):
            Rules.load(stored)


def test_rules_cross_to_another_process_after_use() -> None:
    rules = platforms()["drupal"]
    clean(b"<p>x</p>", "https://x.example/", rules)
    assert pickle.loads(pickle.dumps(rules)).digest == rules.digest


def test_the_article_says_by_which_rules() -> None:
    article = clean(b"<html><body><p>x</p></body></html>", "https://x.example/")
    assert article.cleaner["platform"] is None
    assert known(article.cleaner["rules_digest"] or "") is platforms()["plain"]
    assert "lxml" in (article.cleaner["version"] or "")


def test_a_platform_needs_more_than_one_mark() -> None:
    page = parse(b'<div id="skip-link">x</div>', "https://x.example/")
    assert page is not None
    assert recognise(page)[0] is platforms()["plain"]


@pytest.mark.parametrize(("source", "platform"), [
    (b'<p>x</p><!-- <div id="skip-link" class="views-row"> -->', None),
    (b"<p>x</p><script>Drupal.settings = drupalSettings</script>", None),
    (b'<p class="views-row">x</p><script>Drupal.settings = 1</script>', "drupal"),
])  # fmt: skip
def test_a_platform_shows_on_the_elements_first(source: bytes, platform: str | None) -> None:
    page = parse(source, "https://x.example/")
    assert page is not None
    assert recognise(page)[0].platform == platform


HTML = b"""<body class="page one"><div id="a" class="x y"><p class="x">1</p><section><p title="tin tuc">2</p></section></div>
<p class="x z">3</p></body>"""


@pytest.mark.parametrize(("css", "texts"), [
    ("p", "1 2 3"), ("p.x", "1 3"), ("#a > p", "1"), ("#a p", "1 2"), (".x.z", "3"), (".x:not(.z):not(div)", "1"),
    ("[title]", "2"), ("p[title~=tuc]", "2"), ("p[title^='tin']", "2"), ("p[title$=tuc]", "2"), ("p[title*='n t']", "2"),
    ("p[title=tin]", ""), ("body.one div.y section > p", "2"), ("body > p", "3"), (".nowhere p", ""), ("div > section p", "2"),
    ("section > *", "2"), ("p + section p", "2"), ("div ~ p", "3"), ("div ~ .z:not(div)", "3"), ("section ~ p", ""), (".page > .x > .x", "1"),
])  # fmt: skip
def test_selectors(css: str, texts: str) -> None:
    page = parse(HTML, "https://x.example/")
    assert page is not None
    assert " ".join(str(e.text) for e in Selector(css).all(page)) == texts


@pytest.mark.parametrize("css", ["", "p,", "p:hover", "p || p", "+ p", "a::text", "p >", "> p", "[", "p..x", ".1x"])
def test_what_is_not_supported_is_refused(css: str) -> None:
    with pytest.raises(ValueError):
        Selector(css)


MOVED = """
code = "mau"
platform = "ui-article"
[[cleaning]]
find.title = [".ArticleHeader"]
[[cleaning]]
until = 2024-12-31
extends = "drupal"
"""


def golden(page: str) -> tuple[bytes, str]:
    folder = Path(__file__).resolve().parents[1] / "golden" / page
    return (folder / "page.html").read_bytes(), json.loads((folder / "source.json").read_text("utf-8"))["url"]


def test_a_host_that_changed_its_platform() -> None:
    table = tomllib.loads(MOVED)
    rules = Rules.of_portal(table["platform"], table["cleaning"], where="mau.toml")
    for page, day in (("mau-drupal/2020-02-07", date(2020, 2, 7)), ("mau-ui-article/2026-01-10", date(2026, 1, 10))):
        html, url = golden(page)
        article = clean(html, url, rules.on(day))
        assert (article.cleaner["platform"], article.cleaner["layer"]) == (rules.on(day).platform, "rules")
        assert article.text == clean(html, url).text != ""


def test_rules_of_the_wrong_platform_give_way_to_what_the_page_shows() -> None:
    html, url = golden("mau-nukeviet/2026-01-10")
    article = clean(html, url, platforms()["drupal"])
    assert article.cleaner["platform"] == "nukeviet"
    assert article.to_dict() == clean(html, url).to_dict()


def test_a_container_with_far_less_prose_than_the_page_is_not_taken() -> None:
    prose = "<p>" + "Uỷ ban nhân dân tỉnh Mẫu yêu cầu các sở, ngành, địa phương tập trung khắc phục hậu quả mưa lũ. " * 4 + "</p>"
    page = f"<body><div class=ModuleContent><div class=ArticleContent>Đọc thêm ở dưới</div></div><div class=x>{prose * 4}</div></body>"
    article = clean(page.encode(), "https://mau.example/tin/khac-phuc-mua-lu-915873", platforms()["ui-article"])
    assert article.cleaner["layer"] == "page"
    assert "khắc phục hậu quả" in article.text


def test_what_has_no_word_and_no_lead_is_no_container() -> None:
    banner = b"<body><div class=portlet-body><div class=journal-content-article><img src=/a.gif></div></div><p>Danh s\xc3\xa1ch</p>"
    assert clean(banner, "https://mau.example/", platforms()["liferay"]).cleaner["layer"] is None
    article = clean(banner + b"<div id=sapoDetailId>L\xe1\xbb\x9di d\xe1\xba\xabn</div>", "https://mau.example/", platforms()["liferay"])
    assert (article.lead, [i.url for i in article.images]) == ("Lời dẫn", ["https://mau.example/a.gif"])


def test_of_several_containers_the_one_that_holds_nearly_all_text_is_the_article() -> None:
    long = "Hội nghị đã nghe báo cáo và thảo luận các giải pháp trong thời gian tới. " * 5
    page = f"<body><div class=ms-rtestate-field>Địa chỉ: Sông Mẫu</div><div class=ms-rtestate-field><p>{long}</div></body>"
    assert clean(page.encode(), "https://mau.example/x.aspx", platforms()["sharepoint"]).text == long.strip()
    both = page.replace("Địa chỉ: Sông Mẫu", long)
    assert clean(both.encode(), "https://mau.example/x.aspx", platforms()["sharepoint"]).cleaner["layer"] != "rules"


def test_a_title_and_a_date_in_an_article_element_of_their_own_are_this_articles() -> None:
    lines = "<p>Uỷ ban nhân dân tỉnh Mẫu yêu cầu các sở, ngành, địa phương khắc phục hậu quả mưa lũ.</p>" * 4
    head = "<article><h1 class=entry-title>Khắc phục hậu quả mưa lũ</h1><time class=entry-date>10/01/2026 08:15</time></article>"
    other = "<article><h2 class=entry-title>Tin khác</h2><time class=entry-date>09/01/2026</time></article>"
    page = f"<body><main>{head}<div class=entry-content>{lines}</div></main></body>"
    article = clean(page.encode(), "https://mau.example/a", platforms()["wordpress"])
    assert (article.title, article.published) == ("Khắc phục hậu quả mưa lũ", "2026-01-10T08:15:00+07:00")
    page = f"<body><main>{other * 2}<div class=entry-content>{lines}</div></main></body>"
    article = clean(page.encode(), "https://mau.example/a", platforms()["wordpress"])
    assert (article.title, article.published) == (None, None)


def test_the_featured_picture_of_a_block_theme_is_the_articles_and_that_of_another_post_is_not() -> None:
    """As Twenty Twenty-Three stands its single post in groups; a query further down shows other posts with theirs."""
    lines = "<p>Uỷ ban nhân dân tỉnh Mẫu yêu cầu các sở, ngành, địa phương khắc phục hậu quả mưa lũ.</p>" * 4
    picture = "<figure class=wp-block-post-featured-image><img src=/wp-content/uploads/{0}.jpg></figure>"
    head = f"<div class=wp-block-group>{picture.format('bai')}<h1 class=wp-block-post-title>Khắc phục hậu quả mưa lũ</h1></div>"
    others = f"<div class=wp-block-query><ul class=wp-block-post-template><li>{picture.format('khac')}</ul></div>"
    page = f"<body><main class=wp-block-group>{head}<div class='entry-content wp-block-post-content'>{lines}</div>{others}</main></body>"
    article = clean(page.encode(), "https://mau.example/2026/01/bai/", platforms()["wordpress"])
    assert [image.url for image in article.images] == ["https://mau.example/wp-content/uploads/bai.jpg"]

"""The words by which pages give their parts away, in Vietnamese and English: class names, labels, headings of boxes."""

from __future__ import annotations

import re


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


# Words in class names and ids, by the name of the cut they make. Whole words: `nav` must not match `navy`.
_CHROME = {
    "menu": "nav navbar navigation navi menu menus submenu megamenu topmenu mainmenu sitemap offcanvas topbar toolbar",
    "breadcrumb": "breadcrumb breadcrumbs crumb crumbs",
    "footer": "footer foot copyright colophon footers",
    "header": "masthead banner siteheader",
    "side-list": "sidebar aside sidenav sideright sideleft rightcol leftcol widget widgets lienket rail",
    "related": "related relate lienquan khac other others moreposts readmore recommended recommend recommendation "
    "recommendations morelike outbrain taboola trending popular mostread",
    "share": "share sharing social socials sharebar addthis addtoany sharethis tool tools print email newsletter "
    "subscribe signup follow socialmedia",
    "comments": "comment comments disqus binhluan respond",
    "pager": "pager pagination paging paginator",
    "login": "login signin captcha",
    "search": "search searchbox timkiem",
    "advert": "ad ads advert adverts advertisement advertising sponsor sponsored promo promos promotion quangcao popup "
    "modal cookie cookies consent gdpr paywall",
    "poll": "poll vote votes survey thamdo rating ratings danhgia",
    "counter": "counter thongke luottruycap truycap viewcount online clock egov",
    "tags": "tags taglist tagcloud keywords",
    "skip-link": "skip skiplink skiptocontent",
}
CHROME = {word: rule for rule, words in _CHROME.items() for word in words.split()}
# Words in class names of captions, and of what holds an image with what belongs to it.
CAPTIONS = frozenset({"caption", "captions", "figcaption", "cutline", "chuthich", "motaanh", "imagecredit", "photocredit"})
PICTURES = frozenset(
    {"image", "images", "img", "photo", "photos", "picture", "figure", "gallery", "slideshow", "thumb", "thumbnail", "anh", "hinhanh", "hinh"}
)
# Class names of what is meant for screen readers only.
ALOUD = re.compile(r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|hide-accessible|element-invisible)(?:$|\s)")
# Where a class name falls into words: at marks and at capitals.
SPLIT = re.compile(r"[-_\s:]+|(?<=[a-z])(?=[A-Z])")
ROLES = {
    "navigation": "menu", "menu": "menu", "menubar": "menu", "banner": "header", "contentinfo": "footer",
    "search": "search", "complementary": "side-list", "dialog": "advert", "alertdialog": "advert",
}  # fmt: skip
TAGS = {"nav": "menu", "footer": "footer", "aside": "side-list", "menu": "menu", "dialog": "advert"}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# The tags and attributes by which elements say what they are.
TELLING = HEADINGS | {*TAGS, "form"}
SAYING = frozenset({"class", "id", "role", "hidden", "style"})
# Words in class names of titles.
TITLED = re.compile(r"(?:^|[\s_-])(?:title|tieu-?de|headline|heading)|title(?:$|[\s_-])", re.IGNORECASE)
# Words that speak for an article, whatever else stands in the class.
ARTICLE = re.compile(
    r"article|content|body|entry|post|story|main|detail|journal|noidung|noi-dung|chitiet|chi-tiet|baiviet|bai-viet|news|"
    r"text|page",
    re.IGNORECASE,
)
# A block that begins a list of other articles; it must be the whole block.
RELATED = re.compile(
    _any(
        r"(?:các |những )?(?:tin|bài|bài viết|văn bản)(?: viết| đăng)? "
        r"(?:liên quan|khác|mới hơn|cũ hơn|cùng (?:chuyên mục|mục|chủ đề)|đã đưa)",
        r"có thể bạn quan tâm|đọc thêm|xem thêm|tin mới nhất|tin đọc nhiều|xem nhiều|đọc nhiều",
        r"related (?:articles?|posts?|stories|news|content|topics)|more (?:from|on|in|stories|news)\b.{0,40}",
        r"read more|you may also like|recommended(?: for you| stories)?|most (?:read|popular)|also on.{0,30}",
        r"topics|share this(?: story| article)?",
    )
    + r"\W*(?:\(\d+\))?",
    re.IGNORECASE,
)
# How a paragraph begins that leads to another article; it must be a link for the most part.
RELATED_LABEL = re.compile(
    r"\s*"
    + _any(
        r"(?:>>|[»►➤→⇒☞])",
        r"\W*(?:xem thêm|đọc thêm|(?:tin|bài) liên quan|related(?: \w+)?|read (?:more|also|next)|see (?:also|more)|more|also (?:read|see))"
        r"\s*[:：»>|-]",
    ),
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:https?://|www\.)\S+$", re.IGNORECASE)
# A short block that is a button or a counter.
TOOL = re.compile(
    r"\W*(?:"
    + _any(
        r"in (?:bài(?: viết)?|trang(?: này)?)|bản in|gửi (?:email|bài(?: viết)?|cho bạn bè|mail)|chia sẻ(?: bài viết)?",
        r"quay lại|trở về|về (?:đầu )?trang(?: trước| chủ)?|lên đầu trang|(?:click để )?đánh giá(?: bài viết)?\W*[0-9★☆]{0,5}",
        r"(?:số )?lượt (?:xem|đọc|truy cập)\b.{0,20}|view(?:s| count)?\s*:?\s*[\d.,]+|xem với cỡ chữ.*|cỡ chữ.*",
        r"đọc bài viết|nghe bài viết|lưu bài(?: viết)?(?: này)?|thích|bình luận|gửi bình luận|quảng cáo",
        r"tags?\s*:?|từ khóa\s*:?|từ khoá\s*:?",
        r"(?:các )?(?:tệp(?: tin)?|tập tin|file|tài liệu|văn bản)(?: đính)? kèm(?: theo)?\s*:?",
        r"tweet|share|print|email|facebook|twitter|whatsapp|linkedin|copy link|like|follow us.*|advertisement",
        r"\d{1,3}\s*(?:/|of|trên)\s*\d{1,3}|advert",
        r"image copyright.*|image caption|media caption|read more\s*:?.*|sign up.{0,60}|click here.{0,60}|back to top",
    )
    + r"\W*)+",
    re.IGNORECASE,
)
# The lines under a site: who answers for it, its licence, its address (two labels at least).
_CONTACT = r"(?:địa chỉ|điện thoại|đt|hotline|đường dây nóng|fax|e-?mail|thư điện tử|website)\s*:"
IMPRINT = re.compile(
    _any(
        r"chịu trách nhiệm (?:chính|nội dung|xuất bản|quản lý)|bản quyền (?:©|thuộc)|©|copyright|all rights reserved",
        r"(?:ghi rõ|trích dẫn) nguồn|giấy phép (?:số|thiết lập|hoạt động|xuất bản)|cơ quan chủ quản|trưởng ban biên tập",
        r"thiết kế (?:bởi|và)|designed by|powered by|" + _CONTACT + r".{0,200}" + _CONTACT,
    ),
    re.IGNORECASE | re.DOTALL,
)
# A word of each of these alternatives: looked for first, which takes a tenth of the time.
_TELLS = (
    "chịu trách nhiệm", "bản quyền", "©", "copyright", "all rights", "rõ nguồn", "dẫn nguồn", "giấy phép ", "cơ quan chủ quản",
    "trưởng ban", "thiết kế ", "designed by", "powered by",
)  # fmt: skip


def imprint(text: str) -> bool:
    """Whether a line is one of those under a site."""
    lower = text.lower()
    return (lower.count(":") > 1 or any(word in lower for word in _TELLS)) and IMPRINT.search(text) is not None


# Titles of pages that hold a sentence or two and are no articles.
NO_ARTICLE = re.compile(
    r"\W*"
    + _any(
        r"(?:lỗi|error)\b.{0,20}|(?:40[0-9]|50[0-9])\b|(?:trang )?không (?:tìm thấy|tồn tại)|(?:page )?not found|access denied|forbidden",
        r"(?:liên hệ|đăng nhập|đăng ký|tìm kiếm|kết quả tìm kiếm|góp ý|hỏi đáp|sơ đồ (?:trang|cổng|website)|login|search|contact)\b",
        r"bảo trì|under (?:construction|maintenance)|trạng thái",
    ),
    re.IGNORECASE,
)
SKIP = re.compile(
    _any(
        r"(?:skip|jump|go) to (?:the )?(?:main |primary )?(?:content|navigation|menu|search|footer)",
        r"skip (?:navigation|ribbon commands)|turn (?:on|off) (?:more accessible mode|animation)",
        r"truy cập nội dung luôn|đến nội dung chính|bỏ qua (?:điều hướng|menu)",
        r"(?:chuyển|đi|nhảy|bỏ qua)(?: nhanh)? (?:đến|tới) nội dung(?: chính)?",
    ),
    re.IGNORECASE,
)
# The name of a portal or of the body that runs it: never an article's title.
PORTAL = re.compile(
    _any(
        r"cổng (?:thông tin|ttđt|giao tiếp|dịch vụ)|trang (?:thông tin điện tử|tin điện tử|ttđt|chủ)\b|website\b",
        r"(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân|sở|bộ|báo|đài|hđnd|tỉnh uỷ|tỉnh ủy|home page|home)\b",
    ),
    re.IGNORECASE,
)
HOME = re.compile(r"bạn đang (?:ở|xem)(?: đây)?|you are here|trang chủ|home|homepage|trang nhất|⌂|»|>", re.IGNORECASE)
# What stands before the pages that a reader has seen before: they say nothing of this one.
VISITED = re.compile(
    r"(?:(?:các )?(?:trang|bài|bài viết|mục|tin) )?(?:bạn )?(?:đã|vừa|mới) (?:xem|đọc|ghé thăm)(?: gần đây)?|xem gần đây|dấu vết|trace"
    r"|(?:recently|last) (?:viewed|visited|seen)(?: pages)?|(?:you(?:'ve| have)? )?(?:viewed|visited)(?: pages)?|(?:page|browsing )?history",
    re.IGNORECASE,
)
# Headings of menus, which some templates put first.
MENU = re.compile(r"thực đơn|menu|danh mục|điều hướng|navigation|main menu", re.IGNORECASE)
# What bodies do: a line that begins with a body's name and says so is a title.
ACTS = re.compile(
    r"(?<!\w)"
    + _any(
        r"tổ chức|triển khai|họp|ban hành|công bố|thông báo|khai mạc|bế mạc|tham (?:gia|dự)|làm việc|kiểm tra|tiếp|đón|ra quân|phát động",
        r"tập huấn",
        r"trao|tặng|thăm|chúc|yêu cầu|chỉ đạo|phối hợp|hưởng ứng|tăng cường|đẩy mạnh|hướng dẫn|xử lý|bắt|khởi tố|tuyên truyền|lấy ý kiến",
        r"quyết định",
        r"kỷ niệm|tổng kết|sơ kết|ký|gặp|đối thoại|nghe|xét xử|tuyển|cảnh báo|khuyến cáo|trả lời|đề nghị|mời|hỗ trợ|nâng cao|sẽ|đã|đang|được",
        r"bàn giao",
        r"dâng|viếng|khánh thành|khởi công|ra mắt|đạt|dự|giám sát|thẩm tra|thông qua|kêu gọi|vận động|xây dựng|phấn đấu|quán triệt|giao",
    )
    + r"(?!\w)",
    re.IGNORECASE,
)
# What people do in photographs: a short unpunctuated line with such words, in text that lost its markup, is a caption.
PICTURED = re.compile(
    r"\b"
    + _any(
        r"(?:quang|toàn) cảnh|ảnh|minh (?:họa|hoạ)|phát biểu|chụp (?:ảnh|hình)|trao (?:tặng|quà|bằng|giấy)",
        r"các đại biểu|chủ trì|bấm nút|cắt băng|thăm hỏi|tặng quà|tham quan|dâng hương|khai mạc|bế mạc",
    )
    + r"\b",
    re.IGNORECASE,
)

"""Every switch of a crawl, one sentence each: Scrapy's settings module. Scrapy's own names where it has one."""

from __future__ import annotations

from importlib.metadata import version

from archive import say
from archive.errors import Misuse

# How Scrapy's log calls this crawler.
BOT_NAME = "tangthu"
# What a portal is told of who asks; add a contact with --set USER_AGENT="... (+https://...)".
USER_AGENT = f"tangthu/{version('tangthu')} (web archiver; obeys robots.txt as tangthu)"
# Seconds for one exchange, from connecting to the last byte.
DOWNLOAD_TIMEOUT = 180
# Bytes of one answer's body that are kept before it is cut off.
DOWNLOAD_MAXSIZE = 1 << 30
# Whether an answer that was cut off counts as none; it is kept either way.
DOWNLOAD_FAIL_ON_DATALOSS = False
# How many more times a failing address is tried.
RETRY_TIMES = 2
# Seconds before the second try; doubled for each further one.
RETRY_WAIT = 10.0
# Requests under way at once, all hosts together.
CONCURRENT_REQUESTS = 16
# Requests under way at once to one host.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# Seconds between two requests to one host.
DOWNLOAD_DELAY = 2.0
# Processes that read pages beside the crawl; -1: one for each core up to four, none if there is only one; 0: none.
READING_PROCESSES = -1
# Whether cookies that a portal sets are sent back to it.
COOKIES_ENABLED = True
# Share of failed visits above which a run ends with exit code 1.
FAILED_PAGES_LIMIT = 0.1
# Whether what is kept already is asked for only if it has changed (If-None-Match, If-Modified-Since).
CONDITIONAL_REQUESTS = True
# How much Scrapy says on stderr.
LOG_LEVEL = "WARNING"

# From here on recording and resuming depend on the values: --set refuses them.

# Recording, which fails closed.
ADDONS = {"crawler.recording.Recording": 100}
# The crash-proof queue in the archive.
SCHEDULER = "crawler.frontier.Frontier"
# Where Scrapy looks for spiders.
SPIDER_MODULES = ["crawler.spiders.portal"]
# A crawl's requests go past Scrapy's (crawler/asking.py), redirects and retries happen after an answer is kept (crawler/articles.py), and it needs
# none of Scrapy's extensions: RemoteControl would even run Python that is sent to a port. Even what is switched off by name is imported.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}
# What every request says besides Host, User-Agent and Referer (crawler/asking.py adds it).
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
}
# What a run did is counted in the archive (`tangthu runs`).
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"
# No way around the wire: only http and https are asked for, both through the recorder.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
# Answers from a cache would not be exchanges.
HTTPCACHE_ENABLED = False

FIXED = frozenset(
    {
        "ADDONS",
        "SCHEDULER",
        "SPIDER_MODULES",
        "DOWNLOADER_MIDDLEWARES",
        "DOWNLOADER_MIDDLEWARES_BASE",
        "SPIDER_MIDDLEWARES",
        "SPIDER_MIDDLEWARES_BASE",
        "EXTENSIONS",
        "EXTENSIONS_BASE",
        "DOWNLOAD_HANDLERS",
        "DOWNLOAD_HANDLERS_BASE",
        "HTTPCACHE_ENABLED",
        "TELNETCONSOLE_ENABLED",
        "REMOTE_CONTROL_ENABLED",
        "DOWNLOADER",
        "TWISTED_REACTOR",
        "JOBDIR",
        "DUPEFILTER_CLASS",
    }
)


def given(pairs: tuple[str, ...]) -> dict[str, str]:
    """The settings of `--set KEY=VALUE`. Raises Misuse for a pair without `=`, or a key that recording depends on."""
    made = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise Misuse(say("--set {pair}: write it as KEY=VALUE", pair=pair))
        if key in FIXED or key.startswith("TANGTHU_"):
            raise Misuse(say("--set {key}: recording depends on it, it cannot be changed", key=key))
        made[key] = value
    return made

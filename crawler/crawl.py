"""Crawl runs from their beginning to their outcome: one archive, one run per portal, side by side."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from scrapy import Spider, signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from archive import Depositor, Reader, say
from archive.errors import ArchiveError, CannotGoOn
from archive.model import Refusal, Run
from crawler.clock import Clock
from crawler.frontier import OUTSIDE_HOURS, Frontier
from crawler.job import Job, attach, running_reactor
from crawler.orders import Order
from crawler.portals.profile import Profile
from crawler.readers import PageReaders
from crawler.recording import cannot_keep, recording_of
from crawler.spiders.portal import PortalSpider
from crawler.spiders.walk import Walk
from crawler.spool import sweep

T = TypeVar("T")
# Addresses that a budget left unvisited are named one by one up to this many, then counted (ARCHITECTURE, decision 7).
NAMED_LEFTOVERS = 100


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `counts` has captures, articles, failed (addresses), refusals and bytes (as kept)."""

    run: Run
    outcome: str
    detail: str | None
    counts: dict[str, int]
    exit_code: int


def crawl(
    profiles: Sequence[Profile],
    archive: Path,
    order: Order,
    watch: Callable[[list[Job]], None] | None = None,
    readers: PageReaders | None = None,
    meanwhile: Callable[[Depositor], object] | None = None,
    clock: Clock | None = None,
) -> list[Outcome]:
    """Crawl the portals of `profiles` into `archive` and return how each run ended, in the same order.

    Call it once per process: Twisted's reactor cannot be started twice. `watch` is called every half second with the jobs,
    `readers` are processes that have been started for it, `meanwhile` is called in a thread of its own once the first run has asked for all:
    its pages are studied on another core then.
    Raises ArchiveError if the archive cannot be written; what was kept until then is kept.
    """
    clock = clock or Clock()
    opened = Depositor.open(archive, now=clock.now, lock_timeout=order.lock_timeout)
    with opened as depositor, ThreadPoolExecutor(1) as thread:
        settings = _settings(order)
        process = CrawlerProcess(settings)
        # Else each page's log record is made, and thrown away by a handler.
        logging.getLogger("scrapy").setLevel(settings["LOG_LEVEL"])
        jobs: list[Job] = []
        crawlers = []
        done: list[Future[object]] = []

        def asked_all() -> None:
            if meanwhile is not None and not done:
                done.append(thread.submit(meanwhile, depositor))

        for profile in profiles:
            job = _begin(depositor, archive, profile, order, settings, clock)
            job.readers, job.asked_all = readers, asked_all
            crawlers.append(_crawler(process, job, order))
            jobs.append(job)
        sweep(archive)
        endings: dict[int, str] = {}
        for job, crawler in zip(jobs, crawlers, strict=True):
            crawler.signals.connect(_noting(endings, job), signals.spider_closed, weak=False)
            process.crawl(crawler).addErrback(_not_begun(endings, job))
        if watch is not None:
            _repeat(watch, jobs, every=0.5)
        _repeat(_obey, list(zip(jobs, crawlers, strict=True)), every=1.0)
        # Beside a busy Python thread the writer waits out one interval after each sync: 5 ms gave 50 to 900 deposits/s, 0.5 ms 900 to 1,450.
        sys.setswitchinterval(0.0005)
        # What is imported by now stays: no need to look through it at every collection.
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000, 20, 50)
        process.start()
        for job in jobs:
            if job.problem is not None:
                raise job.problem
        for future in done:
            future.result()
        return [_end(job, endings.get(job.run.id, "shutdown"), settings) for job in jobs]


def _settings(order: Order) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings")
    if order.own_host:
        settings.update(
            {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "RETRY_WAIT": 1.0}, priority="project"
        )
    settings.update(dict(order.settings or {}), priority="cmdline")
    settings.set("TANGTHU_ALLOW_PRIVATE", order.own_host, priority="cmdline")
    settings.set("TANGTHU_RESOLVE", dict(order.resolve or {}), priority="cmdline")
    return settings


def _begin(
    depositor: Depositor, archive: Path, profile: Profile, order: Order, settings: Settings, clock: Clock
) -> Job:
    walk = Walk(profile, own_host=order.own_host)
    told = {
        name: settings.get(name)
        for name in (
            "USER_AGENT",
            "DOWNLOAD_TIMEOUT",
            "DOWNLOAD_MAXSIZE",
            "DOWNLOAD_DELAY",
            "CONCURRENT_REQUESTS_PER_DOMAIN",
            "RETRY_TIMES",
        )
    }
    told |= {
        "own_host": order.own_host,
        "only_due": order.only_due,
        "starts": list(profile.starts),
        "tls": {"strict": profile.strict_tls, "ciphers": profile.ciphers, "minimum": profile.minimum_tls, "hosts": profile.tls_hosts},
        "resolve": {h: list(a) for h, a in (order.resolve or {}).items()},
    }
    described = {"http-header-user-agent": settings.get("USER_AGENT"), "robots": "classic (RFC 9309)"}
    run = depositor.begin(
        profile.code, starts=walk.starts(), settings=told, warcinfo=described, profile=profile.source or None,
        kind="patch" if profile.only else "crawl", only_due=order.only_due and not profile.only,
    )  # fmt: skip
    return Job(depositor, archive, run, profile, walk, order.limits.over(profile.budget), order.own_host, clock)


def _crawler(process: CrawlerProcess, job: Job, order: Order) -> Crawler:
    crawler = process.create_crawler(PortalSpider)
    settings = crawler.settings
    if not order.own_host:
        settings.set("DOWNLOAD_DELAY", max(job.profile.delay, settings.getfloat("DOWNLOAD_DELAY")), priority="cmdline")
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", job.profile.parallel, priority="spider")
    job.set_pace(settings.getfloat("DOWNLOAD_DELAY"), settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
    crawler.settings.set("TANGTHU_STRICT_TLS", job.profile.strict_tls, priority="cmdline")
    crawler.settings.set("TANGTHU_CIPHERS", job.profile.ciphers, priority="cmdline")
    crawler.settings.set("TANGTHU_MIN_TLS", job.profile.minimum_tls, priority="cmdline")
    crawler.settings.set("TANGTHU_TLS_HOSTS", job.profile.tls_hosts, priority="cmdline")
    crawler.settings.set("TANGTHU_PROXY", job.profile.proxy, priority="cmdline")
    attach(crawler, job)

    def broke(problem: ArchiveError) -> None:
        job.problem = job.problem or problem

    crawler.signals.connect(broke, cannot_keep, weak=False)
    return crawler


def _noting(endings: dict[int, str], job: Job) -> Callable[[Spider, str], None]:
    def closed(spider: Spider, reason: str) -> None:
        if reason == "recording_failed":
            job.problem = job.problem or recording_of(spider.crawler).problem or CannotGoOn(say("The recorder did not start"))
        endings[job.run.id] = reason

    return closed


def _not_begun(endings: dict[int, str], job: Job) -> Callable[[Failure], Failure]:
    """A crawl that ends without having begun was told to by a signal, unless this is called."""

    def failed(failure: Failure) -> Failure:
        endings.setdefault(job.run.id, "start_error")
        return failure

    return failed


def _repeat(what: Callable[[T], object], about: T, *, every: float) -> None:
    """Call `what(about)` every so many seconds while the crawls run."""
    from twisted.internet import task  # noqa: PLC0415  # it imports the reactor

    running_reactor().callWhenRunning(lambda: task.LoopingCall(what, about).start(every))


def _obey(running: list[tuple[Job, Crawler]]) -> None:
    """Do what `tangthu runs stop/pause/resume` wrote down for these runs."""
    for job, crawler in running:
        if crawler.engine is not None and crawler.engine.running and job.problem is None:
            job.depositor.wished(job.run).add_done_callback(partial(_heard, crawler))


def _heard(crawler: Crawler, wished: Future[str | None]) -> None:
    if wished.exception() is None:
        running_reactor().callFromThread(_follow, crawler, wished.result())


def _follow(crawler: Crawler, wish: str | None) -> None:
    engine = crawler.engine
    if engine is None or not engine.running or engine.spider is None:
        return
    if wish == "stop":
        deferred_from_coro(engine.close_spider_async(reason="asked"))
    elif wish == "pause":
        engine.pause()
    elif engine.paused:
        engine.unpause()
        cast("Frontier", engine.scheduler).wake()


def _end(job: Job, reason: str, settings: Settings) -> Outcome:
    """Close the run: what became of it, and whether that is worth exit code 1."""
    outcome, detail = {
        "finished": ("finished", None),
        "shutdown": ("stopped", "stopped by a signal"),
        "asked": ("stopped", "stopped by tangthu runs stop"),
        OUTSIDE_HOURS: ("stopped", None),
    }.get(reason, ("failed", reason))
    if reason == OUTSIDE_HOURS:
        detail = say("outside of the opening hours {hours}", hours=job.profile.hours or "-")
    if job.spent and outcome == "finished":
        detail = job.spent
        _leave(job)
    visits = job.depositor.counts(job.run)
    job.depositor.end(job.run, outcome, detail, job.closed_until() if reason == OUTSIDE_HOURS else None).result()
    with Reader.open(job.archive) as reader:
        facts = reader.run(job.run.id) or {}
    counts = {name: facts.get(name, 0) for name in ("captures", "articles", "refusals", "bytes")} | {
        "failed": visits.get("failed", 0)
    }
    answered = sum(count for status, count in facts.get("statuses", {}).items() if status != "failed")
    # A run that only had to be marked finished (its forerunner was killed just before) asked for nothing.
    unanswered = bool(counts["captures"]) and not answered
    poor = (
        unanswered
        or (job.shut_out and not job.answered)
        or counts["failed"] / max(sum(visits.values()), 1) > settings.getfloat("FAILED_PAGES_LIMIT")
    )
    return Outcome(job.run, outcome, detail, counts, 1 if poor or outcome == "failed" else 0)


def _leave(job: Job) -> None:
    """What a budget left unvisited is due for the next run, and kept as refusals: the first by name, and in each how many there were."""
    job.depositor.postpone(job.run).result()
    left = job.depositor.due(job.run, NAMED_LEFTOVERS, ()).result()
    number = job.depositor.counts(job.run).get("queued", len(left))
    detail = f"{job.spent}; {number} addresses were left"
    job.depositor.refuse(job.run, [Refusal(v.link.url, "budget", detail, v.link.via) for v in left]).result()

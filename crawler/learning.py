"""What a run's pages teach, at its end: site models are learned or watched, and the articles that gain are cleaned once more.

A run that is killed in between is brought to its end by the next start, which does all of it again and comes to the same.
"""

from __future__ import annotations

import logging
from datetime import datetime

from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import gatherResults

from archive import Capture, Reader
from archive.model import Refusal, Study
from crawler.beside import Reading
from crawler.job import Job, kept
from crawler.pages import Hosts, Page

logger = logging.getLogger(__name__)

# Pages that are cleaned again at a time.
BATCH = 32


async def learn(job: Job, reading: Reading, now: datetime) -> None:
    """Study the hosts of the run, keep what they teach, and clean its articles once more where that changes something."""
    given = job.given(now)
    found = await reading.read(Hosts(job.archive, job.run.root, given))
    if found.trouble:
        logger.warning("Nothing could be learned of %s: %s", job.run.portal, found.trouble)
        start = next(iter(job.profile.starts), job.run.portal)
        await kept(job.depositor.refuse(job.run, [Refusal(start, "learning", found.trouble)]))
    for study in found.studies:
        await kept(job.depositor.learn(job.run, study))
        await _clean_again(job, reading, study)


async def _clean_again(job: Job, reading: Reading, study: Study) -> None:
    with Reader.open(job.archive) as reader:
        for at in range(0, len(study.again), BATCH):
            captures = [(reader.capture(number), former) for number, former in study.again[at : at + BATCH]]
            wanted = [(c, former) for c, former in captures if c is not None and job.walk.is_article(c.url)]
            work = [
                deferred_from_coro(
                    _clean(
                        job,
                        reading,
                        capture,
                        former,
                        Page(
                            reader.open(capture).raw(),
                            capture.url,
                            capture.media_type or "",
                            study.by,
                            article=True,
                            links=False,
                        ),
                    )
                )
                for capture, former in wanted
            ]
            await maybe_deferred_to_future(gatherResults(work, consumeErrors=True))


async def _clean(job: Job, reading: Reading, capture: Capture, former: int | None, page: Page) -> None:
    found = await reading.read(page)
    if found.draft is not None:
        await kept(job.depositor.revise(capture.id, former, found.draft))

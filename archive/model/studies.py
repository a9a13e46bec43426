"""What is learned of a site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vote:
    """How rules that were learned fit pages: of `looked` ones `fits` have their container, of these so many `titles` and `dates`."""

    looked: int
    fits: int
    titles: int
    dates: int


@dataclass(frozen=True, slots=True)
class Study:
    """What the captures of a host teach (`Reader.study`), to be kept with `Depositor.learn`.

    `rules` is canonical JSON, `given` (rules that were written for the host) with what was learned; None where nothing new was. It was learned
    from `lessons`, captures with their payload digests, by version `cleaner`, with `votes` (JSON); where containers stand at the `settled` places
    the search without it had found the same articles. `model` is the number of the model that was known before, `vote` how that fits, `drift` what
    has changed since, one sentence. `again` are the captures of the run whose articles may gain by being cleaned with `by`, the rules that hold
    now, each with the last revision that was cleaned from it.
    """

    host: str
    given: bytes | None = None
    rules: bytes | None = None
    cleaner: str = ""
    votes: str = ""
    lessons: tuple[tuple[int, bytes], ...] = ()
    settled: tuple[str, ...] = ()
    model: int | None = None
    vote: Vote | None = None
    drift: str | None = None
    by: bytes | None = None
    again: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A kept page from which a site model is learned: the body's bytes, codings undone, and the payload digest it is known by."""

    url: str
    html: bytes
    digest: str
    charset: str | None = None

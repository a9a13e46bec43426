"""What the audit says: findings with one of three verdicts, and their sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    """What could not be checked is not sound."""

    SOUND = "sound"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found of its subject; `evidence` says what was expected and what is there.

    Of what is sound there is one finding for each check and archive, in the end: `count` things were looked at.
    """

    verdict: Verdict
    check: str
    subject: str
    evidence: str
    count: int = 1


@dataclass(slots=True)
class Summary:
    """How often each check gave each verdict."""

    counts: Counter[tuple[str, Verdict]] = field(default_factory=Counter)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Summary:
        """The sum of findings."""
        made = cls()
        for finding in findings:
            made.add(finding)
        return made

    def add(self, finding: Finding) -> None:
        """Count one more."""
        self.counts[finding.check, finding.verdict] += finding.count

    @property
    def exit_code(self) -> int:
        """0 if everything is sound, 1 if anything is broken or could not be checked."""
        return int(any(count and verdict is not Verdict.SOUND for (_, verdict), count in self.counts.items()))

    def to_dict(self) -> dict[str, Any]:
        """The counts by check, ready for `json.dumps`."""
        checks = dict.fromkeys(check for check, _ in self.counts)
        return {check: {v.value: self.counts[check, v] for v in Verdict if self.counts[check, v]} for check in checks}

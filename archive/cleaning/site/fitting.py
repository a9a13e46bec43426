"""Whether rules fit a page, and where they say its article stands."""

from __future__ import annotations

from archive.cleaning import container
from archive.cleaning.parse import Element, Page
from archive.cleaning.rules import Rules
from archive.cleaning.site.shape import shape


def holder(page: Page, rules: Rules) -> Element | None:
    """The element that holds the article by these rules; None if the page is of another make than they are for."""
    if rules.shapes and shape(page.url) not in rules.shapes:
        return None
    if not all(css.all(page) for css in rules.required):
        return None
    return container.by_rules(page, rules.selectors("container"))


def fitting(page: Page, learned: tuple[Rules, ...]) -> tuple[Rules, Element] | None:
    """The first of what was learned that fits the page, with the element that holds the article."""
    for rules in learned:
        if (found := holder(page, rules)) is not None:
            return rules, found
    return None


def place(element: Element) -> str:
    """Where an element stands: the tags, classes and ids from below the body down to it. For comparing, not for finding."""
    steps = []
    at: Element | None = element
    while at is not None and at.tag not in ("body", "html"):
        steps.append(
            ".".join([str(at.tag), *(at.get("class") or "").split()]) + (f"#{at.get('id')}" if at.get("id") else "")
        )
        at = at.getparent()
    return " > ".join(reversed(steps))[:400]

"""`python -m archive`: the auditor's verbs, with Scrapy uninstalled."""

from archive.cli import main

main("python -m archive")

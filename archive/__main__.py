"""`python -m archive`: the auditor's verbs, with Scrapy uninstalled."""

from archive.cli import main

if __name__ == "__main__":  # processes beside this one import it too
    main("python -m archive")

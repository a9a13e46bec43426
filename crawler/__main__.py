"""`python -m crawler`: the same as the command `tangthu`."""

from crawler.cli import main

main()

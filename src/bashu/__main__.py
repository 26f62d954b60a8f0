"""`python -m bashu` is the command line."""

from bashu.cli import main

main()

"""Exit codes of the command line."""

DONE = 0
BAD_INPUT = 2
DIVERGED = 3
INTERRUPTED = 130

"""The tool proves on this machine that it finds what was planted, and only that."""

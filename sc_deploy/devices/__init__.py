"""Where a bundle runs. A device knows no format: it moves files and starts a program."""

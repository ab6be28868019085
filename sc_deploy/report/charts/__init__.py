"""Charts: pure functions from values to SVG, one chart a file."""

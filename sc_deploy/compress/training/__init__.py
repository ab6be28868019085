"""One step after another: data, optimizer, averages, and what must not be left to chance."""

"""The data of a problem: samples as numpy arrays, who serves what, and how they are streamed."""

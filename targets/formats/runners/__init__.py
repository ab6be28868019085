"""Scripts that ship inside bundles; they import numpy and their runtime, never scdeploy."""

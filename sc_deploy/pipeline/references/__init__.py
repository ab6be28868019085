"""Reference models of the audit: the run's recipe on other samples, exported like its artifact."""

"""Places of deployment: a table of formats each."""

"""What reference models tell about membership: one table of log-odds, one scorer a file."""

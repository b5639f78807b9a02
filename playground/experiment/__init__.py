"""What was chosen: one frozen value that determines a run, its limits, and its way through a URL or JSON."""

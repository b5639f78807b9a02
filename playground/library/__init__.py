"""What can be taken away: exported scripts and saved runs."""

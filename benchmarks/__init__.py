"""Measurements: ``python -m benchmarks NAME``. Every figure about speed or size that the project states comes from here."""

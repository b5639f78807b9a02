"""Measurements: ``python -m benchmarks NAME`` prints every figure about speed or size that the project states."""

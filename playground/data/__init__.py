"""Names to datasets: arrays, labels, the raw sample, and the way back to words. NumPy only."""

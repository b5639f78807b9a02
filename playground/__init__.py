"""Watch a real PyTorch network learn, touch every part of it, and take it away."""

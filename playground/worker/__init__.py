"""The processes that own torch: the loop that trains many runs, its supervisor, and the Runner in front of both.

The web process imports `runner`, `local_runner`, `messages` and `storage`, which know nothing of torch.
"""

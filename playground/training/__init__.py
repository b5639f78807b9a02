"""The training room: a trainer with its five phases, optimizers, losses and schedules, history and checkpoints.

Import from the submodules: this package itself stays empty, so that reading a history never imports torch.
"""

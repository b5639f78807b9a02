"""The fused training kernel: dense networks on the CPU, hundreds of times faster than a loop of PyTorch operations.

`stepper.FusedStepper` is what the trainer uses. numba is imported only where the kernel is compiled, in another process.
"""

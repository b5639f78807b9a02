"""The fused training kernel: dense networks on the CPU, hundreds of times faster than a loop of PyTorch operations.

`stepper.FusedStepper` trains and `view.FusedView` looks. numba is imported only where the kernel is compiled, in
another process.
"""

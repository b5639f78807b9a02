"""What eyes need of a trainer: frames, grids, activations, gradients, confusion. Torch goes in, NumPy comes out."""

"""Layer choices to shapes and PyTorch source (`shapes`, `source`: no torch), and to the module itself (`module`: torch)."""

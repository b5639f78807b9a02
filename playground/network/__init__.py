"""Layer choices to shapes and source (`shapes`, `source`: without torch), and to the module itself (`module`)."""

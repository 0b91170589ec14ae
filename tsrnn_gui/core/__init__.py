"""Values and rules of the program: no Qt, no TensorFlow, no disk."""

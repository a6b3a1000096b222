"""Networks and their gradients: NumPy only."""

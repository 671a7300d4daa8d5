"""What a network is made of: each operation writes down its calls of kernels, forwards and backwards."""

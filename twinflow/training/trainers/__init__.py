"""What fits the weights of the heads that plain gradient descent does not; `registry` lists them."""

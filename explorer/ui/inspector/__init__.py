"""What is shown of one node: activation, weights, gradient, arithmetic, attributes, source."""

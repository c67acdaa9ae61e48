"""What flowed through a network: values of every tensor of an ONNX graph, outputs of every layer of a torch module."""

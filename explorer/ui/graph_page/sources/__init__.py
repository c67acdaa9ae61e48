"""What the graph page looks at: a run, an architecture of torchvision, or an uploaded ONNX file, and its input."""

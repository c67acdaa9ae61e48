"""ONNX files: read as a ``Graph``, their weights read on demand, and exported from torch networks."""

"""ONNX files in and out: a file as a ``Graph``, its weights, and a torch network as a file."""

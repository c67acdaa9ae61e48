"""From a torch network or an ONNX file to a picture: export, read, what is visible, DOT, layout."""

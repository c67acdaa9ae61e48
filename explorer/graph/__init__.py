"""The computation graph as plain data: read from ONNX, searched, compared, measured; nothing is drawn here."""

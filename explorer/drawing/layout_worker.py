"""What Graphviz does, called in a worker process: it may crash, hang or eat memory without harm to the web process."""

import warnings


def draw(dot: bytes, output: str) -> bytes:
    """Lay ``dot`` out, which is UTF-8, and render it as ``output``: "svg", "png", "pdf" or "json"."""
    import pygraphviz

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = pygraphviz.AGraph(string=dot.decode("utf-8"))
        drawing = graph.draw(format=output, prog="dot", args="-Gdpi=192" if output == "png" else "")
        graph.close()
    return drawing if isinstance(drawing, bytes) else str(drawing).encode()

"""The process in which Graphviz runs: it may crash, hang or eat memory without harm to the web process.

Started by ``explorer/drawing/layout.py`` as ``python -m explorer.drawing.layout_worker``. A request is the format (8
bytes, padded with blanks) and DOT in UTF-8; the answer is the drawing.
"""

import warnings

from explorer.workers.pool import memory_limit, serve

MEMORY = 2 * 2**30  # bytes of address space; a layout that needs more fails instead of harming others
STACK = 256 * 2**20  # Graphviz recurses over long chains of nodes


def draw(dot: str, output: str) -> bytes:
    """Lay ``dot`` out and render it as ``output``."""
    import pygraphviz

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = pygraphviz.AGraph(string=dot)
        drawing = graph.draw(format=output, prog="dot", args="-Gdpi=192" if output == "png" else "")
        graph.close()
    return drawing if isinstance(drawing, bytes) else str(drawing).encode()


def answered(request: bytes) -> bytes:
    """The drawing that ``request`` asks for."""
    return draw(request[8:].decode("utf-8"), request[:8].decode("ascii").strip())


if __name__ == "__main__":
    serve(answered, memory=memory_limit(MEMORY), stack=STACK)

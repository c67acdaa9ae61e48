"""The process in which Graphviz runs: it may crash, hang or eat memory without harm to the web process.

Protocol on standard input and output, numbers big-endian. Request: length (4 bytes), format (8 bytes, padded with
blanks), DOT in UTF-8. Answer: status (1 byte, 0 for success), length (4 bytes), the drawing or an error message.
Started by ``explorer/graph/layout.py`` as ``python -m explorer.graph.layout_worker``; it imports nothing else of ours.
"""

import contextlib
import os
import struct
import sys
import warnings
from typing import BinaryIO

MEMORY = 2 * 2**30  # bytes of address space; a layout that needs more fails instead of harming others
STACK = 256 * 2**20  # Graphviz recurses over long chains of nodes


def limit_memory() -> None:
    """Keep this process within ``MEMORY``, where the system can (Windows cannot)."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for kind, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_STACK, STACK)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, resource.getrlimit(kind)[1]))


def draw(dot: str, output: str) -> bytes:
    """Lay ``dot`` out and render it as ``output``."""
    import pygraphviz

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = pygraphviz.AGraph(string=dot)
        drawing = graph.draw(format=output, prog="dot", args="-Gdpi=192" if output == "png" else "")
        graph.close()
    return drawing if isinstance(drawing, bytes) else str(drawing).encode()


def _read(stream: BinaryIO, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = stream.read(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the other side closes."""
    while True:
        try:
            (length,) = struct.unpack(">I", _read(requests, 4))
            output = _read(requests, 8).decode("ascii").strip()
            dot = _read(requests, length).decode("utf-8")
        except EOFError:
            return
        try:
            status, answer = 0, draw(dot, output)
        except Exception as error:
            status, answer = 1, f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        answers.write(struct.pack(">BI", status, len(answer)) + answer)
        answers.flush()


def main() -> None:
    """Keep the real standard output for answers: Graphviz prints warnings of its own."""
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    limit_memory()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

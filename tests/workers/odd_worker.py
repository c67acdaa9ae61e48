"""A worker that does what a test asks of it: answers, sleeps, loops, dies, fails, eats memory, writes too much."""

import os
import sys
import time
from pathlib import Path

from explorer.workers.pool import serve
from models.errors import N_, DataError, GraphError

MEMORY = 2**30


def answered(request: bytes) -> bytes:
    """``request``: a word and what belongs to it."""
    word, _, rest = request.partition(b" ")
    if word == b"pid":
        return str(os.getpid()).encode()
    if word == b"sleep":
        time.sleep(float(rest))
    elif word == b"loop":
        while True:
            pass
    elif word == b"die":
        os.abort()
    elif word == b"fail":
        raise RuntimeError(rest.decode())
    elif word == b"mistake":
        kind = DataError if rest == b"data" else GraphError
        raise kind(N_("The file {file} is {what}."), file="a{b}.onnx", what="不好\udc80")
    elif word == b"memory":
        return str(len(bytearray(int(rest)))).encode()
    elif word == b"write":
        path, size = rest.decode().rsplit(" ", 1)
        Path(path).write_bytes(bytes(int(size)))
    elif word == b"print":
        print("this is no answer", flush=True)
        print("nor is this", file=sys.stderr, flush=True)
    elif word == b"threads":
        return os.environ["OMP_NUM_THREADS"].encode()
    return rest


if __name__ == "__main__":
    serve(answered, memory=MEMORY, largest_file=2**20)

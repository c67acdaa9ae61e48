"""How much memory reading a graph needs, in a process of its own: ``python -m tests.bench.graph.memory FILE``."""

import resource
import subprocess
import sys
from pathlib import Path

from explorer.files.zoo import zoo_id, zoo_path
from explorer.project import PROJECT
from tests.bench.graph.netron_race import bench_store
from tests.bench.ratios import Pairs, Row


def peak() -> int:
    """The most bytes that this process has held in memory so far."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would tell the parent's peak at the time of the fork, where that was larger
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def bytes_to_read(path: Path) -> float:
    """Peak memory of reading ``path``, above that of a process that has only imported what reads."""
    command = [sys.executable, "-m", "tests.bench.graph.memory", str(path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def memory(pairs: int, accuracy: bool) -> list[Row]:
    """Reading resnet152 against the size of its file."""
    with bench_store(("resnet152",)) as store:
        path = zoo_path(store, zoo_id("resnet152"))
        megabyte = 2**20
        needed = tuple(bytes_to_read(path) / megabyte for _ in range(pairs))
        size = path.stat().st_size / megabyte
    return [Row("resnet152: peak memory of reading against the file", "MB", Pairs(needed, (size,) * pairs), 1.5, "≤")]


if __name__ == "__main__":
    from explorer.graph.onnx_io.read import read_onnx

    before = peak()
    read_onnx(Path(sys.argv[1]))
    print(peak() - before)

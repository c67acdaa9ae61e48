"""DOT to a drawing, by Graphviz in worker processes with limits on time and memory, cached.

``draw`` may be called from any thread. A worker (``explorer/drawing/layout_worker.py``) lives on between calls, and is
replaced when it has taken too long or has died; a drawing that takes long does not keep others waiting.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import Literal

from explorer.drawing.svg_finish import finished_svg
from explorer.workers.pool import Pool, RequestFailedError, TookTooLongError, WorkerDiedError
from models.errors import N_, GraphError

Format = Literal["svg", "png", "pdf", "json"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf", "json")
CACHED_BYTES = 64 * 2**20
WORKERS = 2

POOL = Pool("explorer.drawing.layout_worker", WORKERS)
_lock = threading.Lock()  # held for moments, never while something is drawn
_cache: OrderedDict[str, bytes] = OrderedDict()


def draw(dot: str, format: Format = "svg", seconds: float = 20) -> bytes:
    """The drawing of ``dot``. Raises GraphError where Graphviz fails, crashes, or takes longer than ``seconds``."""
    if format not in FORMATS:
        raise GraphError(N_("A graph cannot be drawn as {format}."), format=repr(format))
    text = dot.encode("utf-8", "replace")
    key = format + hashlib.sha256(text).hexdigest()
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    try:
        drawing = POOL.ask(format.ljust(8).encode("ascii") + text, seconds)
    except TookTooLongError:
        raise GraphError(
            N_("The graph could not be laid out within {seconds} s; fold some of its modules."), seconds=f"{seconds:g}"
        ) from None
    except WorkerDiedError:
        raise GraphError(N_("Graphviz gave up on this graph; fold some of its modules.")) from None
    except RequestFailedError as error:
        raise GraphError(N_("Graphviz could not draw the graph: {reason}."), reason=error) from None
    if format == "svg":
        drawing = finished_svg(drawing)
    with _lock:
        _remember(key, drawing)
    return drawing


def _remember(key: str, drawing: bytes) -> None:
    """Keep ``drawing`` and drop the oldest ones beyond ``CACHED_BYTES``."""
    _cache[key] = drawing
    size = sum(len(entry) for entry in _cache.values())
    while size > CACHED_BYTES and len(_cache) > 1:
        size -= len(_cache.popitem(last=False)[1])

"""DOT to a drawing, by Graphviz in worker processes with limits on time and memory, cached.

``draw`` may be called from any thread. A worker (``explorer/drawing/layout_worker.py``) lives on between calls, and is
replaced when it has taken too long or has died; a drawing that takes long does not keep others waiting.
"""

import hashlib
import threading
from typing import Literal

from cachetools import LRUCache

from explorer.drawing import layout_worker
from explorer.drawing.svg_finish import finished_svg
from explorer.workers.limits import Limits
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError
from explorer.workers.pool import Pool
from models.errors import N_, GraphError

Format = Literal["svg", "png", "pdf", "json"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf", "json")
CACHED_BYTES = 64 * 2**20
WORKERS = 2
SECONDS = 20.0  # a fully opened network of a thousand nodes takes less
LIMITS = Limits(
    SECONDS,
    memory=2 * 2**30,  # a layout that needs more fails instead of harming others
    stack=256 * 2**20,  # Graphviz recurses over long chains of nodes
)

POOL = Pool(WORKERS, LIMITS)
_lock = threading.Lock()  # held for moments, never while something is drawn
_cache: LRUCache[str, bytes] = LRUCache(CACHED_BYTES, getsizeof=len)


def draw(dot: str, format: Format = "svg", seconds: float = SECONDS) -> bytes:
    """The drawing of ``dot``. Raises GraphError where Graphviz fails, crashes, or takes longer than ``seconds``."""
    if format not in FORMATS:
        raise GraphError(N_("A graph cannot be drawn as {format}."), format=repr(format))
    text = dot.encode("utf-8", "replace")
    key = format + hashlib.sha256(text).hexdigest()
    with _lock:
        if (cached := _cache.get(key)) is not None:
            return cached
    try:
        drawing = POOL.within(seconds).call(layout_worker.draw, text, format)
    except TookTooLongError:
        raise GraphError(
            N_("The graph could not be laid out within {seconds} s; fold some of its modules."), seconds=f"{seconds:g}"
        ) from None
    except WorkerDiedError:
        raise GraphError(N_("Graphviz gave up on this graph; fold some of its modules.")) from None
    except CallFailedError as error:
        raise GraphError(N_("Graphviz could not draw the graph: {reason}."), reason=error) from None
    if format == "svg":
        drawing = finished_svg(drawing)
    if len(drawing) <= CACHED_BYTES:
        with _lock:
            _cache[key] = drawing
    return drawing

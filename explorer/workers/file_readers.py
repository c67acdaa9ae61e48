"""The pool in which strangers' files are read and run: models, inputs, pictures."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec

from explorer.workers.limits import Limits
from explorer.workers.messages import CallFailedError, TookTooLongError, WorkerDiedError
from explorer.workers.pool import Pool
from models.errors import N_, DataError

P = ParamSpec("P")
T = TypeVar("T")

WORKERS = 2
LIMITS = Limits(
    seconds=60.0,
    memory=6 * 2**30,
    file_size=5 * 2**30,  # a trace is refused beyond 4 GiB
    stack=64 * 2**20,  # graphs may be nested
)
INPUT_SECONDS = 20.0
FILE_READERS = Pool(WORKERS, LIMITS)


def read_input_file(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a module's ``function`` reads from a person's data file, called in a worker. Raises DataError."""
    try:
        return FILE_READERS.within(INPUT_SECONDS).call(function, *arguments, **named)
    except TookTooLongError:
        raise DataError(N_("Reading this input took longer than {seconds} s."), seconds=f"{INPUT_SECONDS:g}") from None
    except (WorkerDiedError, CallFailedError, MemoryError, ValueError, msgspec.MsgspecError):
        raise DataError(N_("This input is damaged, or needs too much memory.")) from None

"""One call in a fresh process, for what is rare or needs more memory than a process should keep."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from explorer.workers.limits import Limits
from explorer.workers.messages import encoded_call, result_of
from explorer.workers.worker_process import WorkerProcess

P = ParamSpec("P")
T = TypeVar("T")


def call(limits: Limits, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """The result of a module's ``function``, called in a process of its own with ``limits``.

    Raises the UserError that the function raises, TookTooLongError, WorkerDiedError or CallFailedError, and OSError
    where no process can be started. Arguments and result are what ``messages.py`` can send; no named arguments.
    """
    if named:
        raise TypeError("named arguments do not travel")
    worker = WorkerProcess(limits)
    try:
        status, content = worker.answer(encoded_call(function, arguments), limits.seconds)
    finally:
        worker.stop()
    return cast(T, result_of(cast(Callable[..., Any], function), status, content))

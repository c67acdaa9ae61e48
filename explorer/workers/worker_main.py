"""The worker's side: ``python -m explorer.workers.worker_main calls|job LIMITS``, started by the other files here.

Standard output and error lead nowhere for what is called: libraries print what would be taken for an answer.
"""

import os
import signal
import sys
import threading
from typing import IO

import msgspec

from explorer.workers.limits import GRACE, Limits, end_this_process_after, limit_this_process
from explorer.workers.messages import carry_out, read_call, write_answer


def serve_calls(calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer calls until the other side closes the pipe."""
    while True:
        try:
            content, seconds = read_call(calls)
        except EOFError:
            return
        end_this_process_after(seconds + GRACE if seconds else 0)
        status, answer = carry_out(content)
        del content
        end_this_process_after(0)
        write_answer(answers, status, answer)
        del answer  # a large one must not stay while this process waits


def serve_job(calls: IO[bytes]) -> None:
    """Carry out one job, and end early when the process that started it ends, also when it is killed."""
    from explorer.workers.job import run_job

    content, seconds = read_call(calls)
    end_this_process_after(seconds)
    record, _ = read_call(calls)

    def end_with_parent() -> None:
        calls.read(1)
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    run_job(record.decode(), content)


def main() -> None:
    """Serve until standard input ends."""
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; its end closes our pipe
    limit_this_process(msgspec.json.decode(sys.argv[2], type=Limits))
    if sys.argv[1] == "job":
        serve_job(calls)
    else:
        serve_calls(calls, answers)


if __name__ == "__main__":
    main()

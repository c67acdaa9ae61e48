"""Worker processes: one API for everything that may crash, hang, eat memory or take long.

Each kind runs a function that can be imported by name, with arguments and a result that msgpack can hold:

- ``pool.Pool``: processes that live on between calls, for what is called often and should be quick;
- ``single_call.call``: one call in a fresh process;
- ``job.Job``: a background job, whose progress is a file that other processes can read;
- ``cluster``: dask, for trainings and measurements, which outlive the process that asked for them.

The first three share ``limits.py`` (memory, time, file size), ``process.py`` (start and kill) and ``messages.py`` (how
calls, results and errors travel). Nothing is ever unpickled by them.
"""

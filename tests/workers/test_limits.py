"""Limits: part of the machine, and said to be missing where the platform lacks them."""

import json

import psutil  # type: ignore[import-untyped]

from explorer.workers import limits
from tests.platforms import WITHOUT_UNIX_MODULES, in_python


def test_memory_limit_is_part_of_the_machine() -> None:
    total = psutil.virtual_memory().total
    assert limits.machine_memory() <= total
    assert limits.memory_limit(2**60) <= total * 3 / 4
    assert limits.memory_limit(2**20) == 2**20


def test_a_platform_without_the_module_resource() -> None:
    code = "import json\nfrom explorer.workers.limits import unlimited\nprint(json.dumps(unlimited()))"
    assert json.loads(in_python(code).stdout) == []
    assert json.loads(in_python(WITHOUT_UNIX_MODULES + code).stdout) == ["memory", "file size", "stack"]


def test_what_is_unlimited_is_logged_once_and_calls_work() -> None:
    code = """
from explorer.workers.limits import Limits, limit_this_process
from explorer.workers.single_call import call
from tests.workers import odd_functions as odd
limit_this_process(Limits(1, memory=2**20))
print([call(Limits(60, memory=2**31), odd.echo, b"a") for _ in range(2)])
"""
    done = in_python(WITHOUT_UNIX_MODULES + code)
    assert done.stdout == "[b'a', b'a']\n"
    assert done.stderr == "On this platform worker processes have no limit of: memory, file size, stack\n"
    assert in_python(code.replace("limit_this_process(Limits(1, memory=2**20))", "")).stderr == ""


def test_macos_accepts_a_limit_on_memory_without_holding_it() -> None:
    code = "import sys\nsys.platform = 'darwin'\nfrom explorer.workers.limits import unlimited\nprint(unlimited())"
    assert in_python(code).stdout == "('memory',)\n"

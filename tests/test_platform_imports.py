"""Everything that is needed to serve imports on a platform that lacks Unix's own modules."""

import pytest

from tests.platforms import WITHOUT_UNIX_MODULES, in_python

IMPORT_ALL = """
import importlib, sys, traceback
from pathlib import Path

count = failed = 0
for path in sorted(path for room in ("explorer", "models") for path in Path(room).rglob("*.py")):
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if name == "explorer.__main__" or name.startswith("models.data.make_"):
        continue  # it serves at once; those only prepare the embedded data
    count += 1
    try:
        importlib.import_module(name)
    except Exception:
        failed += 1
        traceback.print_exc()
print(count, failed)
"""


@pytest.mark.slow
def test_no_module_of_ours_needs_what_only_unix_has() -> None:
    done = in_python(WITHOUT_UNIX_MODULES + IMPORT_ALL)
    count, failed = (int(number) for number in done.stdout.split()[-2:])
    assert count > 150
    assert failed == 0, done.stderr[-4000:]


def test_an_import_of_such_a_module_would_be_refused() -> None:
    probe = 'exec("import resource", {"__name__": "explorer.probe", "__builtins__": builtins})'
    assert "No module named 'resource'" in in_python(WITHOUT_UNIX_MODULES + probe).stderr
    assert in_python(WITHOUT_UNIX_MODULES + "import resource").returncode == 0, "a library may"

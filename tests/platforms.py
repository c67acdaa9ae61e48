"""A Python process in which our own modules cannot import what only Unix has, as on Windows.

Libraries have builds of their own for other platforms: they still import what their Unix build needs.
"""

import subprocess
import sys

from explorer.project import PROJECT

WITHOUT_UNIX_MODULES = """
import builtins
_original = builtins.__import__
def _import(name, globals=None, locals=None, fromlist=(), level=0):
    importer = (globals or {}).get("__name__", "")
    if name in ("resource", "fcntl", "pwd", "grp", "termios") and importer.partition(".")[0] in ("explorer", "models"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return _original(name, globals, locals, fromlist, level)
builtins.__import__ = _import
"""


def in_python(code: str) -> "subprocess.CompletedProcess[str]":
    """``code`` carried out by a fresh Python in the project's folder."""
    return subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)

"""The source of a class with all that it needs of its own module, as the text of a script that stands alone.

Classes and functions are copied as written, constants by their value or, where that is no literal, as written, and what
other packages provide is imported. Nothing is executed here.
"""

import ast
import inspect
import sys
from collections.abc import Iterable
from contextlib import suppress
from pprint import pformat
from symtable import SymbolTable, symtable
from types import FunctionType, ModuleType
from typing import Any

WIDTH = 118


def class_source(kind: type, imports: Iterable[str] = ()) -> str:
    """Imports, constants and definitions that ``kind`` needs, itself last, in an order in which they can be executed.

    imports: lines that the rest of the script needs besides.
    """
    taken: dict[str, str] = {}
    _take(kind, taken)
    imported = {text for text in taken.values() if text.startswith(("import ", "from "))}
    constants = [text for name, text in taken.items() if text.startswith(f"{name} = ")]
    definitions = [text for text in taken.values() if text not in imported and text not in constants]
    blocks = ["\n".join(part) for part in (_merged({*imports, *imported}), constants) if part]
    return "\n\n".join(blocks) + "\n\n\n" + "\n\n\n".join(definitions) + "\n"


def _take(thing: type | FunctionType, taken: dict[str, str]) -> None:
    """Add ``thing`` to ``taken`` after everything that it names."""
    source = inspect.getsource(thing).rstrip()
    module = sys.modules[thing.__module__]
    for name in _names(source):
        if name not in taken and name != thing.__name__ and hasattr(module, name):
            _take_named(name, getattr(module, name), module, taken)
    taken[thing.__name__] = source  # after what it needs


def _take_named(name: str, value: Any, module: ModuleType, taken: dict[str, str]) -> None:
    if isinstance(value, type | FunctionType) and value.__module__.split(".")[0] == module.__name__.split(".")[0]:
        _take(value, taken)
    elif isinstance(value, ModuleType):
        taken[name] = _import(*value.__name__.rpartition(".")[::2], name)
    elif isinstance(value, type | FunctionType):
        taken[name] = _import(value.__module__, value.__name__, name)
    else:
        taken[name] = f"{name} = {_constant(name, value, module, taken)}"


def _constant(name: str, value: Any, module: ModuleType, taken: dict[str, str]) -> str:
    """The value of a constant as it is printed, or as it is written where it holds classes or functions."""
    text = pformat(value, width=WIDTH, compact=True, sort_dicts=False)
    with suppress(ValueError, SyntaxError):
        ast.literal_eval(text)
        return text
    source = inspect.getsource(module)
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            text = ast.get_source_segment(source, node.value) or text  # type: ignore[attr-defined]
            for other in _names(text):
                if other not in taken and hasattr(module, other):
                    _take_named(other, getattr(module, other), module, taken)
    return text


def _import(package: str, thing: str, name: str) -> str:
    """``from package import thing as name``, as short as it can be written."""
    alias = f"{thing} as {name}" if thing != name else name
    return f"from {package} import {alias}" if package else f"import {alias}"


def _merged(imports: Iterable[str]) -> list[str]:
    """Import lines sorted, with one line for all that comes from the same package."""
    things: dict[str, list[str]] = {}
    for line in sorted(imports):
        package, _, thing = line.partition(" import ")
        things.setdefault(package, []).append(thing)
    return [f"{package} import {', '.join(names)}" if names[0] else package for package, names in things.items()]


def _names(source: str) -> list[str]:
    """The names that ``source`` reads from its module, each once; local variables are not among them."""
    read: dict[str, None] = {}
    waiting: list[SymbolTable] = [symtable(source, "<class>", "exec")]
    while waiting:
        table = waiting.pop(0)
        waiting.extend(table.get_children())
        read |= {s.get_name(): None for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return list(read)

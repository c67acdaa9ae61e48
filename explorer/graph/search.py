"""Search in a graph: words, fields and numbers joined by and, or and not. A small parser; nothing is evaluated.

conv1                      contained in the name, operation, module or an output's name, in upper or lower case
op:Conv  op:*Pool          the operation, ``*`` for anything
class:MBConv  class:*Norm* the class of a module around it
name:…  scope:…  type:float32  category:layer
shape:64x112  shape:1×64×? these neighbouring sizes in an output's shape, ``?`` for any size
params>1e5  flops>=1M  weights>2  inputs=2  outputs!=1
relu -scope:layer1 | (op:Gemm params>10k)      blank: and, ``|`` or ``or``: or, ``-`` or ``not``: not
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from explorer.graph.graph import Dimension, Graph, Node, TensorType
from models.errors import N_, GraphError

LONGEST_QUERY = 500
DEEPEST_QUERY = 40  # brackets within brackets

_TOKEN = re.compile(r'\s*(?:(?P<sign>[()|])|(?P<not>-(?=\S))|(?P<text>(?:"[^"]*"|[^\s()|"])+)|(?P<wrong>"))')
_COMPARISON = re.compile(r"(?P<field>[a-z]+)(?P<sign>>=|<=|!=|==|>|<|=)(?P<value>.*)", re.IGNORECASE | re.DOTALL)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_UNITS = {"k": 1e3, "m": 1e6, "g": 1e9}


@dataclass(frozen=True)
class SearchResult:
    """node_ids: in the graph's order, at most as many as were asked for. total: number of all matches."""

    node_ids: tuple[str, ...]
    total: int


class _Entry(NamedTuple):
    """A node with what is searched in it. text: in lower case; tensors: its outputs."""

    node: Node
    text: str
    tensors: tuple[TensorType, ...]


_Test = Callable[[_Entry], bool]
_NUMBERS: dict[str, Callable[[Node], float | None]] = {
    "params": lambda node: node.params,
    "flops": lambda node: node.flops,
    "weights": lambda node: len(node.weights),
    "inputs": lambda node: sum(1 for name in node.inputs if name) - len(node.weights),
    "outputs": lambda node: sum(1 for name in node.outputs if name),
}
_FIELDS: dict[str, Callable[[str], _Test]] = {
    "op": lambda value: lambda entry: fnmatchcase(entry.node.op_type.lower(), value),
    "name": lambda value: lambda entry: value in entry.node.name.lower(),
    "scope": lambda value: lambda entry: value in ".".join(entry.node.scope).lower(),
    "class": lambda value: lambda entry: any(fnmatchcase(each.lower(), value) for each in entry.node.classes),
    "category": lambda value: lambda entry: entry.node.category.startswith(value),
    "type": lambda value: lambda entry: any(value in tensor.dtype.lower() for tensor in entry.tensors),
    "shape": lambda value: _shape_test(value),
}
_entry_cache: "WeakKeyDictionary[Graph, tuple[_Entry, ...]]" = WeakKeyDictionary()


def search_nodes(graph: Graph, query: str, most: int = 50) -> SearchResult:
    """The nodes, those of nested bodies included, that match ``query``; none for an empty query.

    Constants that are shown inside their consumers do not match. ``inputs`` counts tensors without weights. Raises
    GraphError for a query that cannot be parsed.
    """
    if not query.strip():
        return SearchResult((), 0)
    test = _QueryParser(query).parse()
    entries = _entry_cache.get(graph)
    if entries is None:
        entries = _entry_cache[graph] = tuple(_entries(graph))
    matches = [entry.node.id for entry in entries if test(entry)]
    return SearchResult(tuple(matches[:most]), len(matches))


def _entries(graph: Graph) -> list[_Entry]:
    entries: list[_Entry] = []
    for node in graph.nodes:
        if not node.folded:
            text = "\n".join((node.name, node.op_type, ".".join(node.scope), *node.outputs)).lower()
            tensors = tuple(graph.tensors[name] for name in node.outputs if name in graph.tensors)
            entries.append(_Entry(node, text, tensors))
        for body in node.bodies.values():
            entries += _entries(body)
    return entries


class _QueryParser:
    """A recursive-descent parser of one query, from left to right."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.position = 0
        if len(query) > LONGEST_QUERY:
            raise self.unreadable()
        self.tokens: list[tuple[str, str]] = []
        for match in _TOKEN.finditer(query.strip()):
            kind = match.lastgroup or ""
            if kind == "wrong":
                raise self.unreadable()
            self.tokens.append((kind, match[kind]))

    def parse(self) -> _Test:
        """The test of the whole query."""
        test = self.any_of(0)
        if self.position < len(self.tokens):
            raise self.unreadable()
        return test

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("", "")

    def any_of(self, depth: int) -> _Test:
        tests = [self.all_of(depth)]
        while self.peek() == ("sign", "|") or self.peek() == ("text", "or"):
            self.position += 1
            tests.append(self.all_of(depth))
        return tests[0] if len(tests) == 1 else lambda entry: any(test(entry) for test in tests)

    def all_of(self, depth: int) -> _Test:
        tests = [self.factor(depth)]
        while self.peek()[0] and self.peek() not in (("sign", "|"), ("sign", ")"), ("text", "or")):
            if self.peek() == ("text", "and"):
                self.position += 1
            tests.append(self.factor(depth))
        return tests[0] if len(tests) == 1 else lambda entry: all(test(entry) for test in tests)

    def factor(self, depth: int) -> _Test:
        kind, text = self.peek()
        self.position += 1
        if depth > DEEPEST_QUERY:
            raise self.unreadable()
        if kind == "not" or (kind, text) == ("text", "not"):
            inner = self.factor(depth + 1)
            return lambda entry: not inner(entry)
        if (kind, text) == ("sign", "("):
            inner = self.any_of(depth + 1)
            if self.peek() != ("sign", ")"):
                raise self.unreadable()
            self.position += 1
            return inner
        if kind != "text" or text in ("or", "and"):
            raise self.unreadable()
        return self.term(text)

    def term(self, text: str) -> _Test:
        comparison = _COMPARISON.fullmatch(text)
        if comparison is not None:
            return self.comparison(comparison["field"].lower(), comparison["sign"], comparison["value"])
        field, colon, value = text.partition(":")
        value = value.replace('"', "").lower()
        if colon and field.lower() in _FIELDS and value:
            return _FIELDS[field.lower()](value)
        if colon and field.isalpha() and not value.isdigit():  # a tensor's name may well be "output:0"
            raise self.unknown(field)
        word = text.replace('"', "").lower()
        return lambda entry: word in entry.text

    def comparison(self, field: str, sign: str, value: str) -> _Test:
        if field not in _NUMBERS:
            raise self.unknown(field)
        number = re.fullmatch(r"(-?[\d.]+(?:e[+-]?\d{1,3})?)([kmg]?)", value.lower())
        try:
            bound = float(number[1]) * _UNITS.get(number[2], 1.0) if number else None
        except ValueError:
            bound = None
        if bound is None:
            raise GraphError(
                N_("The search {query} compares with {value}, which is no number."),
                query=repr(self.query),
                value=repr(value),
            )
        limit, measure, compare = bound, _NUMBERS[field], _SIGNS[sign]

        def holds(entry: _Entry) -> bool:
            amount = measure(entry.node)
            return amount is not None and compare(amount, limit)

        return holds

    def unreadable(self) -> GraphError:
        return GraphError(
            N_("The search {query} cannot be read; write words, {fields} or {numbers}, joined by blanks, | and -."),
            query=repr(self.query),
            fields=", ".join(f"{field}:…" for field in _FIELDS),
            numbers=", ".join(f"{field}>…" for field in _NUMBERS),
        )

    def unknown(self, field: str) -> GraphError:
        return GraphError(
            N_("The search {query} asks for {field}; there are: {known}."),
            query=repr(self.query),
            field=repr(field),
            known=", ".join((*_FIELDS, *_NUMBERS)),
        )


def _shape_test(value: str) -> _Test:
    wanted = [part.strip() for part in re.split(r"[×,*]|(?<=[\d?])x|x(?=[\d?])", value) if part.strip()]

    @cache  # most shapes of a graph are alike
    def fits(shape: tuple[Dimension, ...] | None) -> bool:
        if shape is None or len(shape) < len(wanted):
            return False
        sizes = ["?" if size is None else str(size).lower() for size in shape]
        return any(
            all(part in ("?", size) for part, size in zip(wanted, sizes[start:], strict=False))
            for start in range(len(sizes) - len(wanted) + 1)
        )

    return lambda entry: any(fits(tensor.shape) for tensor in entry.tensors)

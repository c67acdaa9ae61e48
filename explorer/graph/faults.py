"""What makes a graph invalid and yet can be drawn: tensors that nothing defines or that two nodes write, and cycles."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice

from explorer.graph.graph import Fault, Graph, Node
from models.errors import N_
from models.text import shortened

MOST_FAULTS = 100  # that are listed
MOST_SAID = 3  # in the sentence
LONGEST_NAME = 40  # characters

MISSING = N_("reads {name}, which nothing defines")
WRITTEN_TWICE = N_("writes {name}, which something else defines, too")
CYCLE = N_("lies on a cycle: {name} depends on itself")
NO_OUTPUT = N_("the graph's output {name} is computed by nothing")
SENTENCES = {"missing": MISSING, "twice": WRITTEN_TWICE, "cycle": CYCLE, "output": NO_OUTPUT}


def faults(graph: Graph) -> tuple[Fault, ...]:
    """The first ``MOST_FAULTS`` faults of a graph and its bodies."""
    return tuple(islice(_faults(graph, frozenset()), MOST_FAULTS))


def _faults(graph: Graph, around: frozenset[str]) -> Iterator[Fault]:
    """around: the names that are visible from outside."""
    outside = frozenset() if graph.is_function else around
    given = {*graph.inputs, *(weight.name for weight in graph.constants), *_initializers(graph)}
    in_order = _names_in_order(graph.nodes, outside | given)
    known = in_order
    if known is None:
        known = outside | given | {*chain.from_iterable(node.outputs for node in graph.nodes)} - {""}
        yield from _wrong_names(graph.nodes, given, known)
    for node in graph.nodes:
        for body in node.bodies.values():
            yield from _faults(body, known)
    for name in graph.outputs:
        if name not in known:
            yield Fault("output", "", name)
    if in_order is None:
        yield from _cycle(graph.nodes)


def _names_in_order(nodes: tuple[Node, ...], given: frozenset[str]) -> frozenset[str] | None:
    """All names that are known after the nodes; None where one of them reads what comes later or writes what was known.

    One pass for the graphs that have no fault, which are nearly all: reading waits for it.
    """
    known = {"", *given}
    for node in nodes:
        if not known.issuperset(node.inputs):
            return None
        for name in node.outputs:
            if name in known and name:
                return None
            known.add(name)
    known.discard("")  # an input or output that is left out
    return frozenset(known)


def _wrong_names(nodes: tuple[Node, ...], given: set[str], known: frozenset[str]) -> Iterator[Fault]:
    """given: the graph's own inputs and weights; known: these, what its nodes write, what is visible from outside."""
    outputs = Counter(chain.from_iterable(node.outputs for node in nodes))
    for node in nodes:
        own = {weight.name for weight in node.weights}
        for name in dict.fromkeys(node.inputs):
            if name and name not in known and name not in own:
                yield Fault("missing", node.id, name)
        for name in node.outputs:
            if name and (outputs[name] > 1 or name in given):
                yield Fault("twice", node.id, name)


def _initializers(graph: Graph) -> set[str]:
    """Names of the graph's own initializers that are shown inside its nodes."""
    weights = chain.from_iterable(node.weights for node in graph.nodes)
    own = {weight.name for weight in weights if weight.body == graph.id}
    if not own:
        return own
    return own - {name for node in graph.nodes if node.op_type == "Constant" for name in node.outputs}


def _cycle(nodes: tuple[Node, ...]) -> Iterator[Fault]:
    """The nodes of one cycle, if there is any."""
    places = {name: place for place, node in enumerate(nodes) for name in node.outputs if name}
    depends = {place: {places[name] for name in node.inputs if name in places} for place, node in enumerate(nodes)}
    try:
        TopologicalSorter(depends).prepare()
    except CycleError as error:
        for place in dict.fromkeys(error.args[1]):
            yield Fault("cycle", nodes[place].id, next((name for name in nodes[place].outputs if name), ""))


def fault_sentence(graph: Graph, translate: Callable[[str], str] = str) -> str:
    """What is wrong with the graph, in one line; '' for a valid one."""
    if not graph.faults:
        return ""
    nodes = {node.id: node for node in graph.all_nodes()}
    parts = []
    for fault in graph.faults[:MOST_SAID]:
        node = nodes.get(fault.node)
        text = translate(SENTENCES[fault.kind]).format(name=repr(shortened(fault.name, LONGEST_NAME)))
        parts.append(f"{shortened(node.name or node.op_type, LONGEST_NAME)} {text}" if node else text)
    more = len(graph.faults) - len(parts)
    if more:
        parts.append(translate(N_("{count} more")).format(count=more))
    return translate(N_("The graph is invalid: {faults}.")).format(faults="; ".join(parts))


def with_faults(graph: Graph) -> Graph:
    """``graph`` with its own faults noted."""
    own = faults(graph)
    return replace(graph, faults=own) if own else graph

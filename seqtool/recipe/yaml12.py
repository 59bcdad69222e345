"""YAML 1.2's core: text to a tree whose every part knows where it was written.

PyYAML finds the structure; what a plain word means is decided here, because PyYAML speaks YAML 1.1, in which `no` is false and `1e-4` is
text. Size, depth and repetition are bounded: a recipe may come from a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from seqtool.recipe.places import Complaint, Place, Source, brief

MAX_NODES = 10_000
MAX_DEPTH = 40

Scalar = None | bool | int | float | str

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_MAX_DIGITS = 300  # above these an integer has no float, and Python would not read it

_SYNTAX = {  # what PyYAML says: what a person can use
    "mapping values are not allowed": ("a `:` where none can be", "check the indentation; quote text with `: ` in it"),
    "could not find expected ':'": ("a key without `:`", "write key: value"),
    "expected <block end>": (
        "this does not line up with what is above",
        "indent keys of one section alike, with spaces",
    ),
    "expected ',' or '}'": ("a `{` that is not closed, or a `,` that is missing", "write {key: value, key: value}"),
    "expected ',' or ']'": ("a `[` that is not closed, or a `,` that is missing", "write [one, two]"),
    "found unexpected end of stream": ("a quote that is never closed", "close the quote"),
    "found character '\\t'": ("a tab", "indent with spaces"),
    "cannot start any token": ("a character that cannot begin a value", "put the value in quotes"),
    "alphabetic or numeric character": ("a `*` or `&` that begins a value", "put the value in quotes"),
    "expected '<document start>'": ("something after the end of the recipe", "a recipe is one document"),
}


class SyntaxTrouble(Exception):
    """Text that is no YAML, or more than a recipe may be; carries the complaint."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.message)
        self.complaint = complaint


@dataclass(frozen=True)
class Node:
    """A scalar, a list, or a section (key -> where it was written, and its value)."""

    value: Scalar | tuple[Node, ...] | dict[str, tuple[Place, Node]]
    place: Place
    size: int = 1
    height: int = 1

    def plain(self) -> object:
        """The value as Python has it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, (_, node) in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, key: tuple[str, ...]) -> tuple[Place, Node] | None:
        """Where a dotted key was written, and its value."""
        found = (self.place, self)
        for part in key:
            value = found[1].value
            if not isinstance(value, dict) or part not in value:
                return None
            found = value[part]
        return found


def parse(source: Source, start: int = 0) -> tuple[Node, list[Complaint]]:
    """The tree of a source's text from `start` on, and complaints about what can be left out of it. Raises `SyntaxTrouble`."""
    bad = _UNPRINTABLE.search(source.text)
    if bad:
        place = Place(source, bad.start(), bad.end())
        message = f"a character that cannot be in a recipe (U+{ord(bad.group()):04X})"
        raise SyntaxTrouble(Complaint("recipe.encoding", place, message, "remove it, or write it in UTF-8"))
    reader = _Reader(source, start)
    return reader.read(), reader.complaints


def scalar(text: str) -> Scalar:
    """What a plain word means in YAML 1.2's core schema."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text in ("true", "True", "TRUE")
    if INT.fullmatch(text) and len(text) <= _MAX_DIGITS:
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if INT.fullmatch(text) and text[:2] in ("0o", "0x"):
        return float("inf")
    if FLOAT.fullmatch(text) or INT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


@dataclass
class _Reader:
    """Turns PyYAML's events into nodes."""

    source: Source
    start: int
    complaints: list[Complaint] = field(default_factory=list)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    nodes: int = 0

    def read(self) -> Node:
        events = self._events()
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            return Node(None, Place(self.source))
        node = self._node(next(events), events, 1)
        next(events)  # the document's end
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._fail(
                "recipe.syntax", self._place(after), "a second document", "a recipe is one document: remove the `---`"
            )
        return node

    def _events(self) -> Iterator[yaml.Event]:
        loader = yaml.SafeLoader(self.source.text[self.start :])
        try:
            while loader.check_event():
                yield loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from error
        except (ValueError, OverflowError):  # an escape beyond Unicode
            at = self._at(loader.get_mark().index)
            self._fail("recipe.syntax", at, "an escape that stands for no character", "check the `\\` in this text")
        finally:
            loader.dispose()

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        place = self._place(event)
        if depth > MAX_DEPTH:
            self._fail("recipe.too-large", place, f"nested deeper than {MAX_DEPTH} levels", "a recipe needs four")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place, depth)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None:
            self.anchors[anchor] = None
        if tag not in (None, "!", "tag:yaml.org,2002:str"):
            message = f"a tag, {brief(tag)}: recipes have none"
            self.complaints.append(Complaint("recipe.tag", place, message, "remove it"))
        self._count(1, place)
        if isinstance(event, yaml.MappingStartEvent):
            node = self._section(place, events, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(place, events, depth)
        else:
            assert isinstance(event, yaml.ScalarEvent)
            node = Node(self._scalar(event, place), place)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        if _NO_TEXT.search(event.value):
            message = "text that no file name can have: a NUL, or half a character"
            self.complaints.append(Complaint("recipe.value", place, message, "check the `\\` in this text"))
        return scalar(event.value) if event.implicit[0] and event.tag is None else event.value

    def _list(self, place: Place, events: Iterator[yaml.Event], depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return _branch(tuple(items), items, self._until(place, event))

    def _section(self, place: Place, events: Iterator[yaml.Event], depth: int) -> Node:
        entries: dict[str, tuple[Place, Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            at = self._place(event)
            key_node = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None or isinstance(key_node.value, (dict, tuple)):
                self.complaints.append(Complaint("recipe.key", at, "a key that is not plain text", "write key: value"))
            elif key in entries:
                first = self.source.line_at(entries[key][0].start) + 1
                message = f"{brief(key)} is here twice; the first is on line {first}"
                self.complaints.append(Complaint("recipe.duplicate-key", at, message, "keep one of them"))
            else:
                entries[key] = (at, value)
        return _branch(entries, [node for _, node in entries.values()], self._until(place, event))

    def _alias(self, event: yaml.AliasEvent, place: Place, depth: int) -> Node:
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            inside = name in self.anchors
            message = "an alias inside what it stands for" if inside else f"nothing is called {brief('&' + name)}"
            self._fail("recipe.syntax", place, message, "put text that begins with `*` in quotes")
        self._count(node.size, place)
        if depth + node.height - 1 > MAX_DEPTH:
            self._fail("recipe.too-large", place, f"nested deeper than {MAX_DEPTH} levels", "a recipe needs four")
        return node

    def _count(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self._fail("recipe.too-large", place, f"more than {MAX_NODES:,} values", "is this a recipe?")

    def _at(self, index: int) -> Place:
        """The character at an index of the parsed text, or the last there is."""
        index = min(index + self.start, max(len(self.source.text.rstrip()) - 1, 0))
        return Place(self.source, index, index + 1) if self.source.text.strip() else Place(self.source)

    def _place(self, event: yaml.Event) -> Place:
        assert event.start_mark is not None
        assert event.end_mark is not None
        return Place(self.source, self.start + event.start_mark.index, self.start + event.end_mark.index)

    def _until(self, place: Place, event: yaml.Event) -> Place:
        return Place(self.source, place.start, self._place(event).end)

    def _syntax(self, error: yaml.MarkedYAMLError) -> SyntaxTrouble:
        said = str(error.problem or error.context)
        mark = error.problem_mark or error.context_mark
        if (
            said.startswith(("found unexpected end of stream", "expected ','", "expected alphabetic"))
            and error.context_mark is not None
        ):
            mark = error.context_mark
        message, hint = next(
            (text for key, text in _SYNTAX.items() if key in said), (said, "check this line and the one above")
        )
        return SyntaxTrouble(Complaint("recipe.syntax", self._at(mark.index if mark else 0), message, hint))

    def _fail(self, error_id: str, place: Place, message: str, hint: str) -> NoReturn:
        shown = place if place.end > place.start else self._at(place.start - self.start)
        raise SyntaxTrouble(Complaint(error_id, shown, message, hint))


def _branch(value: tuple[Node, ...] | dict[str, tuple[Place, Node]], children: list[Node], place: Place) -> Node:
    size = 1 + sum(node.size for node in children)
    return Node(value, place, size, 1 + max((node.height for node in children), default=0))

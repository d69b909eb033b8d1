"""Generated hooks that turn JSON objects into models.

A stock hook of cattrs calls one function for each field. Here each model has code of its own that assigns the fields
one by one. Objects of a model nearly always have the same keys, so objects that are seen often get a branch that reads
exactly their keys. For a segment of a transcript, the complete source is::

    def structure(data, _=None):
        if type(data) is not dict:
            return data
        made = new(cls)
        size = len(data)
        try:
            if size == 3:
                made.start = data['start']
                made.end = data['end']
                made.value = data['value']
                return made
        except KeyError:
            pass
        get = data.get
        made.start = get('start')
        made.end = get('end')
        made.value = get('value')
        if not data.keys() <= known:
            made._extra = {key: value for key, value in data.items() if key not in known}
        made._given = (*data,)
        count_miss(data)
        return made

`_given` distinguishes a field that is null from one that is absent. A branch for objects without one of the fields
assigns a constant to it, and a branch for all fields nothing.
"""

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any, Final, NamedTuple, TypeAlias

Hook: TypeAlias = Callable[..., Any]
"""Takes a value, and optionally its type, which the hooks of models do not need."""
Shape: TypeAlias = frozenset[str]
"""The keys of an object."""

MAX_BRANCHES: Final = 4
MIN_MISSES: Final = 32
"""Objects that no branch fits before one is added: compiling takes as long as decoding hundreds of objects."""

HOOK: Final = """
def structure(data, _=None):
    if type(data) is not dict:
        return data
    made = new(cls){branches}
    get = data.get{assignments}
    if not data.keys() <= known:
        made._extra = {{key: value for key, value in data.items() if key not in known}}{renamed}
    made._given = (*data,)
    count_miss(data)
    return made
"""
RENAMED: Final = """
        if {name!r} in data and {key!r} not in data:
            {assignment}
            del made._extra[{name!r}]"""
BRANCHES: Final = """
    size = len(data)
    try:{branches}
    except KeyError:
        pass"""
BRANCH: Final = """
        if {condition}:{assignments}
            return made"""


class Field(NamedTuple):
    """A field of a model, and its name in JSON; *kind* is ``None`` if its values stay as JSON has them.

    An object may have *other_key* in the place of *key*. It is Python's name, so that models can be made from the dicts
    that they became, or a former name in JSON. If there is neither, it is *key*.
    """

    name: str
    key: str
    default: Any
    kind: Any
    other_key: str


def on_first_use(hooks: dict[Any, Any], key: Any, make: Callable[[], Hook]) -> Hook:
    """Return a hook that calls *make* when it has a value to structure, and is then replaced in *hooks*.

    Models may contain themselves, and most nested models of a response are absent.
    """

    def structure(value: Any) -> Any:
        if value is None:
            return None
        hook = hooks[key] = make()
        return hook(value)

    return structure


class ModelHook:
    """Generates the hook of a model, and generates it again for the shapes that objects turn out to have.

    The code of `hook` is replaced and not the function, because hooks of lists and of other models refer to it.
    """

    def __init__(self, cls: type, fields: tuple[Field, ...], hook_of: Callable[[Any], Hook]) -> None:
        self._name = cls.__name__
        self._fields = fields
        self._known = frozenset(field.key for field in fields)
        self._shapes: tuple[Shape, ...] = ()  # oldest first
        self._misses = 0
        self._scope: dict[str, Any] = {
            "new": object.__new__,
            "cls": cls,
            "known": self._known,
            "count_miss": self._count_miss,
            **{f"default_{field.name}": field.default for field in fields},
        }
        for field in fields:
            if field.kind is not None:
                name = f"structure_{field.name}"
                self._scope[name] = on_first_use(self._scope, name, partial(hook_of, field.kind))
        self.hook: Final = self._compile()

    def _count_miss(self, data: dict[str, Any]) -> None:
        """Count an object that no branch fits. Add a branch for it if the count is a power of two."""
        self._misses += 1
        if self._misses < MIN_MISSES or self._misses & (self._misses - 1):
            return
        if len(data) > 2 * len(self._fields) or not all(type(key) is str for key in data):
            return  # not an object of the API
        shape = frozenset(data)
        # No step here modifies what another thread that structures the same model may be reading.
        self._shapes = (*(other for other in self._shapes if other != shape), shape)[-MAX_BRANCHES:]
        self.hook.__code__ = self._compile().__code__

    def _compile(self) -> FunctionType:
        shapes = self._shapes
        branches = "".join(self._branch(shape, shapes) for shape in shapes)
        source = HOOK.format(
            branches=BRANCHES.format(branches=branches) if branches else "",
            assignments="".join(f"\n    {_assignment(field, _get(field))}" for field in self._fields),
            renamed="".join(
                RENAMED.format(
                    name=field.other_key, key=field.key, assignment=_assignment(field, f"data[{field.other_key!r}]")
                )
                for field in self._fields
                if field.other_key != field.key
            ),
        )
        made: dict[str, FunctionType] = {}
        exec(compile(source, f"<hook of {self._name}>", "exec"), self._scope, made)  # noqa: S102  (as in attrs)
        return made["structure"]

    def _branch(self, shape: Shape, shapes: tuple[Shape, ...]) -> str:
        """Return the branch for objects of *shape*. Keys that are not common to all shapes of its size select it."""
        common = frozenset[str].intersection(*(other for other in shapes if len(other) == len(shape)))
        condition = " and ".join([f"size == {len(shape)}", *(f"{key!r} in data" for key in sorted(shape - common))])
        keys = {field.name: field.key if field.key in shape else field.other_key for field in self._fields}
        assignments = [
            _assignment(field, f"data[{key!r}]" if (key := keys[field.name]) in shape else None)
            for field in self._fields
        ]
        if extra := sorted(shape - {*keys.values()}):
            assignments.append(f"made._extra = {{{', '.join(f'{key!r}: data[{key!r}]' for key in extra)}}}")
        if not {*keys.values()} <= shape:
            assignments.append(f"made._given = {(*sorted(shape),)!r}")
        lines = "".join(f"\n            {assignment}" for assignment in assignments)
        return BRANCH.format(condition=condition, assignments=lines)


def _assignment(field: Field, value: str | None) -> str:
    """Return the statement that assigns *value*, or the default if the object lacks the field's key."""
    if value is None:
        value = _default(field)
    elif field.kind is not None:
        value = f"structure_{field.name}({value})"
    return f"made.{field.name} = {value}"


def _get(field: Field) -> str:
    return f"get({field.key!r})" if field.default is None else f"get({field.key!r}, {_default(field)})"


def _default(field: Field) -> str:
    return "None" if field.default is None else f"default_{field.name}"

"""The metaclass of models: attrs completes a class when it is first used.

attrs takes about 0.4 ms to complete a slotted class. A program uses about 20 of the 231 models: completing all of them
at import would add 0.1 s to every start (CPython 3.11), half of what an import of aiohttp takes.
"""

import sys
from typing import Any, ClassVar, get_origin

import attrs


class ModelType(type):
    """Makes slotted classes whose attrs fields and ``__init__`` are generated on first use."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> "ModelType":
        if not bases:
            return super().__new__(mcls, name, bases, namespace)
        defaults = {
            field: namespace.pop(field, attrs.NOTHING)
            for field, kind in _annotations(namespace).items()
            if get_origin(kind) is not ClassVar
        }
        inherited: tuple[str, ...] = getattr(bases[0], "__match_args__", ())
        generated = {
            "__slots__": tuple(field for field in defaults if field not in inherited),
            "__match_args__": (*(field for field in inherited if field not in defaults), *defaults),
            "__attrs_attrs__": _OnFirstUse(defaults),
            "__attrs_init__": _OnFirstUse(defaults),
        }
        return super().__new__(mcls, name, bases, {**generated, **namespace})


class _OnFirstUse:
    """Descriptor that attrs replaces as soon as it is read. Two threads that read it at once get the same result."""

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults

    def __set_name__(self, model: ModelType, name: str) -> None:
        self._model, self._name = model, name

    def __get__(self, instance: object, cls: type) -> Any:
        fields = {name: _field(default) for name, default in self._defaults.items()}
        attrs.define(
            self._model,
            these=fields,
            slots=False,  # `ModelType` has made them
            init=False,  # generates `__attrs_init__`
            eq=False,
            repr=False,
            getstate_setstate=False,
        )
        vars(self._model)["__attrs_init__"].__qualname__ = self._model.__qualname__  # in messages
        found = vars(self._model)[self._name]
        return found.__get__(instance, cls) if hasattr(found, "__get__") else found


def _annotations(namespace: dict[str, Any]) -> Any:
    if sys.version_info >= (3, 14):
        from annotationlib import Format, call_annotate_function, get_annotate_from_class_namespace

        annotate = get_annotate_from_class_namespace(namespace)
        return call_annotate_function(annotate, Format.FORWARDREF) if annotate else {}
    return namespace.get("__annotations__", {})


def _field(default: Any) -> Any:
    """Return *default* if it is a field already, as in ``attrs.field(repr=False)``."""
    return default if isinstance(default, type(attrs.field())) else attrs.field(default=default)

"""The blocking client has what the asynchronous one has, and Python's tools see it as what it is."""

from __future__ import annotations

import inspect
import pydoc
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from unittest.mock import create_autospec

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.resources.indexed_assets import AsyncIndexedAssets
from twelvelabs_async.sync._twin import Blocking
from twelvelabs_async.sync.assets import Assets
from twelvelabs_async.sync.indexes import IndexedAssets


def namespaces(cls: type) -> set[str]:
    """The names of the resources below a class."""
    return {name for name in dir(cls) if isinstance(getattr(cls, name), cached_property) and not name.startswith("_")}


def pairs(sync: Blocking[Any]) -> Iterator[tuple[type, type]]:
    """The blocking classes of a client, each with its asynchronous one."""
    yield type(sync), type(sync.aio)
    for name in sorted(namespaces(type(sync))):
        yield from pairs(getattr(sync, name))


PAIRS = dict(pairs(TwelveLabs(api_key="key")))
each_pair = pytest.mark.parametrize(("sync", "aio"), PAIRS.items(), ids=[cls.__name__ for cls in PAIRS])


def methods(cls: type) -> dict[str, Any]:
    """The public methods of a class."""
    return {name: method for name, method in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


@each_pair
def test_every_namespace_has_a_twin(sync: type, aio: type) -> None:
    """Each resource below an asynchronous object is also below the blocking one."""
    assert namespaces(sync) == namespaces(aio)


@each_pair
def test_every_method_has_a_twin(sync: type, aio: type) -> None:
    """A blocking class has the methods of its asynchronous class, and no others."""
    assert methods(sync).keys() == methods(aio).keys()


@each_pair
def test_twins_have_the_same_signature_and_docstring(sync: type, aio: type) -> None:
    """Parameters, defaults, annotations and docstrings agree; what is returned differs by ``Async`` alone."""
    for name, method in methods(aio).items():
        twin = methods(sync)[name]
        if name == "close":
            continue  # written by hand, since it also stops the thread
        expected, found = inspect.signature(method), inspect.signature(twin)
        assert found.parameters == expected.parameters, name
        assert found.return_annotation == re.sub(r"\bAsync(?=[A-Z])", "", expected.return_annotation), name
        assert inspect.getdoc(twin) == inspect.getdoc(method), name


@each_pair
def test_twins_are_plain_functions_that_say_where_they_are(sync: type, aio: type) -> None:
    """No twin passes for a coroutine function, not even unwrapped, and its names lead to it."""
    for name, twin in methods(sync).items():
        for function in (twin, inspect.unwrap(twin)):
            assert not inspect.iscoroutinefunction(function), name
            assert not inspect.isasyncgenfunction(function), name
        assert twin.__qualname__ == f"{sync.__name__}.{name}"
        assert twin.__module__ == sync.__module__


@each_pair
def test_twins_introduce_themselves_alike(sync: type, aio: type) -> None:
    """The classes' docstrings agree, and their names differ by ``Async`` alone."""
    assert aio.__name__ == f"Async{sync.__name__}"
    if sync is not TwelveLabs:
        assert inspect.getdoc(sync) == inspect.getdoc(aio)


def test_the_clients_take_the_same_arguments() -> None:
    """The blocking client takes every argument but the objects that belong to an event loop of the caller's."""
    only_async = {"session", "connector"}
    expected = {
        name: parameter
        for name, parameter in inspect.signature(AsyncTwelveLabs).parameters.items()
        if name not in only_async
    }
    assert dict(inspect.signature(TwelveLabs).parameters) == expected


def test_help_shows_a_method() -> None:
    """``help()`` shows the signature and the asynchronous method's docstring."""
    text = " ".join(pydoc.plain(pydoc.render_doc(IndexedAssets.retrieve)).split())
    assert "index_id: 'str', indexed_asset_id: 'str', *," in text
    assert (AsyncIndexedAssets.retrieve.__doc__ or "").splitlines()[0] in text


def test_autospec_checks_calls() -> None:
    """A mock made from a blocking class takes what the class takes, and nothing else."""
    mock = create_autospec(Assets, instance=True)
    mock.retrieve("a1")
    mock.list(page_limit=5)
    with pytest.raises(TypeError):
        mock.retrieve()
    with pytest.raises(TypeError):
        mock.list(pages=5)

"""The blocking client equals the asynchronous client, also in Python's tools."""

from __future__ import annotations

import inspect
import pydoc
import re
from collections.abc import Iterator
from functools import cached_property
from types import ModuleType
from typing import Any
from unittest.mock import create_autospec

import pytest

from twelvelabs_async import AsyncTwelveLabs, TwelveLabs
from twelvelabs_async.resources.indexed_assets import AsyncIndexedAssets
from twelvelabs_async.sync.assets import Assets
from twelvelabs_async.sync.indexes import IndexedAssets


def resources(cls: type) -> set[str]:
    """Return the names of the resources of a class."""
    public = {name for name in dir(cls) if not name.startswith("_")} - {"with_raw_response"}
    return {name for name in public if isinstance(getattr(cls, name), cached_property)}


def find_pairs(blocking: object, asynchronous: object) -> Iterator[tuple[type, type]]:
    """Yield the classes of a blocking object and its resources, with their twins."""
    yield type(blocking), type(asynchronous)
    for name in sorted(resources(type(blocking))):
        yield from find_pairs(getattr(blocking, name), getattr(asynchronous, name))


PAIRS = dict(find_pairs(TwelveLabs(api_key="key"), AsyncTwelveLabs(api_key="key")))
each_pair = pytest.mark.parametrize(
    ("blocking", "asynchronous"), PAIRS.items(), ids=[blocking.__name__ for blocking in PAIRS]
)


def methods(cls: type) -> dict[str, Any]:
    """Return the public methods of a class by name."""
    return {name: method for name, method in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


@each_pair
def test_every_resource_has_a_twin(blocking: type, asynchronous: type) -> None:
    """A blocking class has the same resources, with the same docstrings."""
    assert resources(blocking) == resources(asynchronous)
    for name in resources(blocking):
        assert inspect.getdoc(getattr(blocking, name)) == inspect.getdoc(getattr(asynchronous, name)), name


@each_pair
def test_every_method_has_a_twin(blocking: type, asynchronous: type) -> None:
    """A blocking class has the methods of its asynchronous class, and no others."""
    assert methods(blocking).keys() == methods(asynchronous).keys()


@each_pair
def test_twins_have_the_same_signature_and_docstring(blocking: type, asynchronous: type) -> None:
    """Annotations of what is returned have the blocking class, and examples have no ``await``."""
    for name, method in methods(asynchronous).items():
        twin = methods(blocking)[name]
        if name == "close":
            continue  # its docstring also describes the thread
        expected, found = inspect.signature(method), inspect.signature(twin)
        assert found.parameters == expected.parameters, name
        returned = re.sub(r"\bAsync(?=\w*Pager)", "Sync", expected.return_annotation)
        assert found.return_annotation == re.sub(r"\bAsync(?=[A-Z])", "", returned), name
        docstring = re.sub(r"\bawait |\basync (?=for |with )", "", str(inspect.getdoc(method)))
        docstring = docstring.replace("Called in the event loop", "Called in the calling thread")
        assert inspect.getdoc(twin) == docstring.replace("`AsyncRun.", "`Run."), name


@each_pair
def test_twins_are_plain_functions_of_their_class(blocking: type, asynchronous: type) -> None:
    """No twin is taken for a coroutine function, not even unwrapped."""
    for name, twin in methods(blocking).items():
        for function in (twin, inspect.unwrap(twin)):
            assert not inspect.iscoroutinefunction(function), name
            assert not inspect.isasyncgenfunction(function), name
        assert twin.__qualname__ == f"{blocking.__name__}.{name}"
        assert twin.__module__ == blocking.__module__


@each_pair
def test_twin_classes_have_the_same_name_and_summary(blocking: type, asynchronous: type) -> None:
    """Names differ by ``Async`` alone. The first paragraphs of docstrings are equal."""
    assert asynchronous.__name__ == f"Async{blocking.__name__}"
    if blocking is not TwelveLabs:
        summaries = [str(inspect.getdoc(cls)).partition("\n\n")[0] for cls in (blocking, asynchronous)]
        assert summaries[0] == summaries[1]


def test_both_clients_take_the_same_arguments() -> None:
    """A session or a connector, which belong to an event loop, are functions in the blocking one."""
    expected, found = (dict(inspect.signature(cls).parameters) for cls in (AsyncTwelveLabs, TwelveLabs))
    for name, factory in (("session", "SessionFactory | None"), ("connector", "ConnectorFactory | None")):
        assert found.pop(name).annotation == factory
        assert expected.pop(name).annotation.endswith(factory)
    assert found == expected


def test_help_shows_the_signature_and_the_docstring_of_the_asynchronous_method() -> None:
    """``help()`` of a twin is as useful as that of the asynchronous method."""
    text = " ".join(pydoc.plain(pydoc.render_doc(IndexedAssets.retrieve)).split())
    assert "index_id: 'str', indexed_asset_id: 'str', *," in text
    assert (AsyncIndexedAssets.retrieve.__doc__ or "").splitlines()[0] in text


def test_a_mock_with_autospec_checks_arguments() -> None:
    """A mock of a blocking class takes what the class takes, and nothing else."""
    mock = create_autospec(Assets, instance=True)
    mock.retrieve("a1")
    mock.list(page_limit=5)
    with pytest.raises(TypeError):
        mock.retrieve()
    with pytest.raises(TypeError):
        mock.list(pages=5)


@pytest.fixture(scope="module")
def jedi(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """jedi, with a cache that no other process uses: it does not expect to share one."""
    jedi: ModuleType = pytest.importorskip("jedi")
    jedi.settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))
    return jedi


@pytest.mark.any_python
@pytest.mark.timeout(900)  # on a busy machine, jedi parses for minutes
@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("client.assets.retrieve(", ["asset_id", "request_options"]),
        ("client.indexes.videos.delete(", ["index_id", "video_id", "request_options"]),
        ("client.indexes.list(", ["page", "page_limit"]),
        ("client.bulk.index(", ["index_id", "sources"]),
        ("client.analyze_stream(", ["model_name", "video"]),
        ("client.analyze(", ["model_name", "video"]),
        ("client.request(", ["method", "path"]),
        ("client.assets.with_raw_response.retrieve(", ["asset_id", "request_options"]),
    ],
)
def test_completion_in_editors_and_notebooks_shows_parameters(
    jedi: ModuleType, call: str, parameters: list[str]
) -> None:
    """jedi, which completes code there, finds the parameters of all kinds of twins."""
    code = f"from twelvelabs_async import TwelveLabs\nclient = TwelveLabs()\n{call})"
    in_editor = jedi.Script(code).get_signatures(3, len(call))
    in_notebook = jedi.Interpreter(call, [{"client": TwelveLabs(api_key="key")}]).get_signatures()
    for signature, *_ in (in_editor, in_notebook):
        found = [parameter.name for parameter in signature.params if parameter.name != "self"]
        assert found[: len(parameters)] == parameters


@pytest.mark.any_python
@pytest.mark.timeout(900)  # on a busy machine, jedi parses for minutes
@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("client", {"assets", "indexes", "analyze", "with_options", "with_raw_response"}),
        ("client.assets.retrieve('a')", {"filename", "status"}),
        ("client.analyze()", {"data", "finish_reason"}),
        ("client.analyze_async.tasks.create_and_wait()", {"status", "result"}),
        ("client.responses.create()", {"output", "session_id"}),
        ("client.assets.list()", {"items", "has_next"}),
        ("client.assets.with_raw_response", {"retrieve", "list"}),
        ("client.assets.with_raw_response.retrieve('a')", {"data", "headers", "request_id"}),
        ("client.indexes.indexed_assets.with_raw_response.retrieve('a', 'b').data", {"system_metadata", "hls"}),
    ],
)
def test_completion_in_editors_and_notebooks_shows_results(jedi: ModuleType, expression: str, names: set[str]) -> None:
    """Jedi knows what the methods return. Nothing private comes first."""
    line = f"{expression}."
    code = f"from twelvelabs_async import TwelveLabs\nclient = TwelveLabs()\n{line}"
    in_editor = jedi.Script(code).complete(3, len(line))
    in_notebook = jedi.Interpreter(line, [{"client": TwelveLabs(api_key="key")}]).complete()
    for completions in (in_editor, in_notebook):
        found = [completion.name for completion in completions]
        assert names <= {*found}
        assert not found[0].startswith("_")
        assert not {"aio", "runner"} & {*found}


def test_completion_offers_resources_and_methods_alone() -> None:
    """Nothing public of a blocking object belongs to its implementation."""
    with TwelveLabs(api_key="key") as client:
        public = {name for name in dir(client.entity_collections) if not name.startswith("_")}
    assert public == {"create", "delete", "entities", "list", "retrieve", "update", "with_raw_response"}

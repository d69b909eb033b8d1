"""Names and arguments of earlier versions get an error that names what replaces them, in the terms of the caller."""

from __future__ import annotations

import inspect
import pydoc
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from operator import attrgetter
from typing import Any

import pytest

import twelvelabs_async
from twelvelabs_async import (
    AssetTranscriptionResponse,
    AsyncMedia,
    AsyncTwelveLabs,
    Moment,
    Moments,
    SearchItem,
    TwelveLabs,
)
from twelvelabs_async._removed import OF_MEDIA, OF_MOMENTS, REMOVED, RENAMED

from support.clients import method_names

ASYNC = AsyncTwelveLabs(api_key="key")
BLOCKING = TwelveLabs(api_key="key")
SEARCH = ASYNC.search.query(index_id="1", search_options=["visual"], query_text="a goal")
METHODS = [
    *sorted(method_names(BLOCKING)),
    "with_raw_response.analyze", "with_raw_response.analyze_stream",
    "assets.with_raw_response.list", "assets.with_raw_response.retrieve", "search.with_raw_response.create",
]  # fmt: skip
"""Methods by their paths; those behind `with_raw_response` are made in four ways."""


def resources(client: Any) -> Iterator[Any]:
    """Yield a client and the resources below it."""
    yield client
    for name in dir(type(client)):
        if isinstance(getattr(type(client), name), cached_property) and name != "with_raw_response":
            yield from resources(getattr(client, name))


BY_CLASS = {type(owner).__name__.removeprefix("Async"): owner for owner in resources(BLOCKING)}
BY_ASYNC_CLASS = {type(owner).__name__.removeprefix("Async"): owner for owner in resources(ASYNC)}
ATTRIBUTES = [key for key in REMOVED if re.fullmatch(r"[A-Z]\w*\.\w+", key)]
KEYWORDS = {key: f"{new}=" for key, new in RENAMED.items() if re.fullmatch(r"[\w.]+\(\w+\)", key)}
KEYWORDS |= {key: hint for key, hint in REMOVED.items() if key.endswith(")") and not key.startswith("TwelveLabs")}
NOT_ASYNC = re.compile(r"\bAsync(?!ResponseFormat|\w+InputRequest)[A-Z]\w*|\basyncio\b|\bawait\b|\basync (?!iterable)")
"""A name or a word that means nothing to users of the blocking client; some models are called ``Async…``."""


def owners(name: str) -> list[Any]:
    """Return the objects that a user has of a class: a model, or a resource of both clients."""
    if name in BY_CLASS:
        return [BY_CLASS[name], BY_ASYNC_CLASS[name]]
    cls = getattr(twelvelabs_async, name)
    return [cls.from_dict({})]


@pytest.mark.parametrize("key", ATTRIBUTES)
def test_a_removed_attribute_names_its_replacement(key: str) -> None:
    """The error is an `AttributeError`, so that `hasattr` and defaults of `getattr` work."""
    name, _, attribute = key.partition(".")
    for owner in owners(name):
        with pytest.raises(AttributeError) as caught:
            getattr(owner, attribute)
        assert str(caught.value).endswith(f"object has no attribute {attribute!r}. {REMOVED[key]}")
        assert "\n" not in str(caught.value)
        assert getattr(owner, attribute, None) is None
        assert attribute not in dir(owner)


@pytest.mark.parametrize("client", [BLOCKING, ASYNC])
def test_an_unknown_attribute_has_the_error_of_python(client: Any) -> None:
    """It names the class of the user, and lets Python suggest another name."""
    for owner in (client, client.tasks, client.embed.v_2.tasks):
        with pytest.raises(
            AttributeError, match=f"^'{type(owner).__name__}' object has no attribute 'lisst'$"
        ) as caught:
            _ = owner.lisst
        assert (caught.value.name, caught.value.obj) == ("lisst", owner)


@pytest.mark.parametrize(
    ("owner", "attribute", "hint"),
    [
        (Moment(start=0), "save", "Use client.media.save(moments, target)."),
        (Moments(), "supercut", "Use client.media.supercut(moments, target)."),
        (SearchItem.from_dict({}), "save", "Use client.media.save(its moments(), target)."),
        (SEARCH, "contact_sheet", "Use client.media.contact_sheet(its moments(), target)."),
        (SEARCH, "by_video", "Its moments() have by_video()."),
        (AssetTranscriptionResponse.from_dict({}), "to_srt", "Its moments() have to_srt()."),
    ],
)
def test_an_attribute_that_something_else_has_names_it(owner: object, attribute: str, hint: str) -> None:
    """Moments have no connection, so that `client.media` saves them."""
    with pytest.raises(AttributeError, match=re.escape(f"has no attribute '{attribute}'. {hint}")):
        getattr(owner, attribute)


def test_hints_name_methods_that_exist() -> None:
    assert {*dir(Moments)} > OF_MOMENTS
    assert {*dir(AsyncMedia)} > OF_MEDIA


def misuse(method: Any, *args: Any, **keywords: Any) -> str:
    """Return the message of the `TypeError` of a call, or of the first step of what it returns."""
    try:
        returned = method(*args, **keywords)
        if inspect.iscoroutine(returned):
            returned.send(None)
        elif inspect.isasyncgen(returned):
            anext(returned).__await__().send(None)
        elif hasattr(returned, "__enter__"):
            returned.__enter__()
        else:
            next(returned)
    except TypeError as error:
        return str(error)
    raise AssertionError("The arguments were accepted.")


@pytest.mark.parametrize("key", KEYWORDS)
def test_a_removed_keyword_names_its_replacement(key: str) -> None:
    """The blocking client knows all of them."""
    path, keyword = key.removesuffix(")").split("(")
    message = misuse(attrgetter(path)(BLOCKING), **{keyword: "x"})
    assert f"got an unexpected keyword argument {keyword!r}. " in message
    assert message.endswith(KEYWORDS[key] if key in REMOVED else f"Pass {KEYWORDS[key]}.")


@pytest.mark.parametrize(
    "key",
    [
        "analyze(video_id)",
        "analyze_stream(video_id)",
        "analyze_async.tasks.list(video_id)",
        "embed.create(text_truncate)",
        "search.create(threshold)",
    ],
)
def test_a_keyword_that_the_asynchronous_client_had_names_its_replacement(key: str) -> None:
    """The first asynchronous client of the official SDK was that of version 1.0."""
    path, keyword = key.removesuffix(")").split("(")
    method = attrgetter(path)(ASYNC)
    arguments = {
        name: "x"
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is parameter.empty and name != "removed"
    }
    assert misuse(method, **arguments, **{keyword: "x"}).endswith(REMOVED[key])


def test_coroutine_functions_remain_what_they_are() -> None:
    """Frameworks inspect functions."""
    assert inspect.iscoroutinefunction(ASYNC.analyze)
    assert inspect.isasyncgenfunction(ASYNC.analyze_stream)


@pytest.mark.parametrize("client", [BLOCKING, ASYNC])
@pytest.mark.parametrize(
    ("path", "keyword", "similar"),
    [("search.create", "query_txt", "query_text"), ("analyze", "promt", "prompt"), ("embed.create", "urls", None)],
)
def test_a_mistyped_keyword_names_a_similar_one(client: Any, path: str, keyword: str, similar: str | None) -> None:
    """A keyword that resembles none has the error of Python."""
    method = attrgetter(path)(client)
    arguments: dict[str, Any] = {"index_id": "i", "search_options": ["visual"]} if path == "search.create" else {}
    arguments |= {"model_name": "m"} if path == "embed.create" else {}
    message = misuse(method, **arguments, **{keyword: "x"})
    end = f"keyword argument {keyword!r}" + (f". Did you mean {similar!r}?" if similar else "")
    assert message.endswith(end)


@pytest.mark.parametrize("cls", [TwelveLabs, AsyncTwelveLabs])
@pytest.mark.parametrize(
    ("keyword", "hint"),
    [
        ("httpx_client", REMOVED["TwelveLabs(httpx_client)"]),
        ("follow_redirects", REMOVED["TwelveLabs(follow_redirects)"]),
        ("version", REMOVED["TwelveLabs(version)"]),
        ("apikey", "Did you mean 'api_key'?"),
        ("something", "'something'"),
    ],
)
def test_an_unknown_argument_of_a_client_names_ours(cls: Callable[..., Any], keyword: str, hint: str) -> None:
    """Its value is in no variable of the traceback: it may be a mistyped key."""
    with pytest.raises(TypeError) as caught:
        cls(**{keyword: "tlk_secret"})
    assert str(caught.value).startswith(f"{cls.__name__}() got an unexpected keyword argument {keyword!r}")
    assert str(caught.value).endswith(hint)
    frame = caught.tb.tb_next
    while frame is not None:
        assert "tlk_secret" not in str(frame.tb_frame.f_locals)
        frame = frame.tb_next


@pytest.mark.parametrize("path", METHODS)
def test_the_blocking_client_names_no_asynchronous_class_for_wrong_arguments(path: str) -> None:
    """Missing, surplus and unknown arguments have the name of the blocking method."""
    method, name = attrgetter(path)(BLOCKING), path.rpartition(".")[2]
    required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    calls: list[tuple[list[str], dict[str, str]]] = [([], {"no_such_argument": "x"}), (["x"] * 9, {})]
    if any(p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in required):
        calls.append(([], {}))
    for args, keywords in calls:
        message = misuse(method, *args, **keywords)
        assert f"{name}() " in message
        assert not NOT_ASYNC.search(message)


@pytest.mark.parametrize("name", BY_CLASS)
def test_help_of_the_blocking_client_is_about_the_blocking_client(name: str) -> None:
    """Signatures and examples have neither asynchronous classes nor ``await``."""
    text = pydoc.plain(pydoc.render_doc(type(BY_CLASS[name])))
    own = text.partition("Methods inherited from")[0]
    assert not NOT_ASYNC.search(own), NOT_ASYNC.search(own)
    assert not NOT_ASYNC.search(repr(BY_CLASS[name]))

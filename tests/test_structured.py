"""Structured output: schemas of a user's classes, and instances of them from answers."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import re
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal, Optional

import attrs
import cattrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import APIResponseError, AsyncTwelveLabs, TwelveLabs, VideoContext_Url, from_json, json_schema
from twelvelabs_async.testing import Emulator
from twelvelabs_async.testing.schema import Maker

from support.until import until

VIDEO = VideoContext_Url(url="https://example.com/cake.mp4")
QUESTION: dict[str, Any] = {
    "knowledge_store_id": "ks_1",
    "input": [{"type": "message", "role": "user", "content": "?"}],
}


class Course(StrEnum):
    STARTER = "starter"
    DESSERT = "dessert"


class Heat(Enum):
    LOW = 1
    HIGH = "high"


@dataclasses.dataclass
class Step:
    text: str
    minutes: float = 0.0


@attrs.frozen
class Dish:
    """A dish.

    It may have sides.
    """

    name: str
    sides: list[Dish]
    main: Dish | None = None


@attrs.define
class Recipe:
    """How to cook."""

    title: str
    servings: int
    vegan: bool
    course: Course
    heat: Heat
    size: Literal["small", 1] | None
    amount: Annotated[int | str, "as written"]
    steps: list[Step]
    by_name: dict[str, Step]
    dish: Step | Dish
    checked: bool = attrs.field(default=False, init=False)


SCHEMA = {
    "type": "object",
    "description": "How to cook.",
    "properties": {
        "title": {"type": "string"},
        "servings": {"type": "integer"},
        "vegan": {"type": "boolean"},
        "course": {"enum": ["starter", "dessert"]},
        "heat": {"enum": [1, "high"]},
        "size": {"anyOf": [{"enum": ["small", 1]}, {"type": "null"}]},
        "amount": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}},
        "by_name": {"type": "object"},
        "dish": {"anyOf": [{"$ref": "#/$defs/Step"}, {"$ref": "#/$defs/Dish"}]},
    },
    "required": ["title", "servings", "vegan", "course", "heat", "size", "amount", "steps", "by_name", "dish"],
    "$defs": {
        "Step": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "minutes": {"type": "number"}},
            "required": ["text"],
        },
        "Dish": {
            "type": "object",
            "description": "A dish.\n\nIt may have sides.",
            "properties": {
                "name": {"type": "string"},
                "sides": {"type": "array", "items": {"$ref": "#/$defs/Dish"}},
                "main": {"anyOf": [{"$ref": "#/$defs/Dish"}, {"type": "null"}]},
            },
            "required": ["name", "sides"],
        },
    },
}
ANSWER: dict[str, Any] = {
    "title": "Cake",
    "servings": 4,
    "vegan": True,
    "course": "dessert",
    "heat": "high",
    "size": None,
    "amount": "a lot",
    "steps": [{"text": "Bake.", "minutes": 40}, {"text": "Eat."}],
    "by_name": {"first": {"text": "Bake."}},
    "dish": {"name": "cake", "sides": [{"name": "cream", "sides": []}]},
}
RECIPE = Recipe(
    title="Cake",
    servings=4,
    vegan=True,
    course=Course.DESSERT,
    heat=Heat.HIGH,
    size=None,
    amount="a lot",
    steps=[Step("Bake.", 40.0), Step("Eat.")],
    by_name={"first": Step("Bake.")},
    dish=Dish("cake", [Dish("cream", [])]),
)


def test_a_class_becomes_a_schema_in_which_fields_with_defaults_are_optional() -> None:
    assert json_schema(Recipe) == SCHEMA


def test_an_answer_that_fits_becomes_an_instance_at_all_depths() -> None:
    made = from_json(json.dumps(ANSWER), Recipe)
    assert made == RECIPE
    assert isinstance(made.course, Course)


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("title", 1, "$.title"),
        ("servings", "4", "$.servings"),
        ("servings", 4.0, "$.servings"),
        ("servings", True, "$.servings"),
        ("vegan", 1, "$.vegan"),
        ("course", "supper", "$.course"),
        ("heat", 2, "$.heat"),
        ("size", True, "$.size"),
        ("amount", 0.5, "$.amount"),
        ("steps", "Bake.", "$.steps"),
        ("steps", [{"text": "Bake.", "minutes": "40"}], "$.steps[0].minutes"),
        ("steps", [{}], "$.steps[0].text"),
        ("steps", [["Bake."]], "$.steps[0]"),
        ("by_name", [], "$.by_name"),
        ("by_name", {"first": {"text": 1}}, "$.by_name['first'].text"),
        ("dish", {"text": "Bake.", "name": "cake"}, "$.dish"),
        ("dish", {"name": "cake", "sides": [], "main": {"name": 1, "sides": []}}, "$.dish.main.name"),
        ("checked", True, "$"),
        ("sauce", "custard", "$"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error_with_the_path_of_the_value(field: str, value: Any, place: str) -> None:
    text = json.dumps(ANSWER | {field: value})
    with pytest.raises(APIResponseError, match="The answer does not fit Recipe: ") as caught:
        from_json(text, Recipe)
    assert caught.value.body == text
    assert re.search(rf"@ {re.escape(place)}[:;.]", str(caught.value))
    assert "unknown error" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["```json\n{}\n```", "```\n{}\n```\n", "  ```JSON {} ```", "```json\r\n{}\r\n```\r\n\r\n"]
)
def test_the_fence_around_an_answer_is_taken_off(text: str) -> None:
    """Backticks in the answer itself stay."""
    answer = json.dumps(ANSWER | {"title": "```json\n```"}, indent=2)
    assert from_json(text.replace("{}", answer), Recipe) == from_json(answer, Recipe)


@pytest.mark.parametrize("data", [5, [], {}, True, {"text": "x"}])
async def test_an_answer_that_is_no_text_is_an_error(emulator: Emulator, client: AsyncTwelveLabs, data: Any) -> None:
    emulator.fail("POST", "/analyze", status=200, body={"data": data})
    with pytest.raises(APIResponseError, match="The answer is not JSON"):
        await client.analyze(video={"type": "url", "url": "https://example.com/a.mp4"}, prompt="?", into=Recipe)


@pytest.mark.parametrize(
    "text", ["", "```json", "``````", "```json\n{}\n``` Enjoy!", "Bake it.", '{"title": "Ca', "[" * 100_000]
)
def test_an_answer_that_is_not_json_is_an_error_with_the_text(text: str) -> None:
    with pytest.raises(APIResponseError, match="The answer is not JSON") as caught:
        from_json(text, Recipe)
    assert caught.value.body == text


def test_a_validator_of_the_class_that_fails_is_an_api_response_error() -> None:

    @attrs.define
    class Picky:
        size: int = attrs.field(validator=attrs.validators.ge(2))

    with pytest.raises(APIResponseError, match="does not fit Picky"):
        from_json('{"size": 1}', Picky)


@pytest.mark.parametrize(
    "kind", [set[str], tuple[int, ...], dict[int, str], Any, object, complex, list[bytes], Literal[b"x"]]
)
def test_a_type_without_a_schema_is_refused_with_the_name_of_the_field(kind: Any) -> None:
    with pytest.raises(TypeError, match=r"Odd\.field: the API has no JSON schema for"):
        json_schema(attrs.make_class("Odd", {"field": attrs.field(type=kind)}))


@pytest.mark.parametrize("cls", [str, dict, list[Step], Course, Step("Bake.")])
def test_only_attrs_classes_and_dataclasses_have_a_schema(cls: Any) -> None:
    with pytest.raises(TypeError, match="attrs class or a dataclass"):
        json_schema(cls)


def test_a_class_may_refer_to_itself_by_name_inside_of_other_types() -> None:
    parts = [("text", str), ("parts", list["Branch"]), ("main", Optional["Branch"], None)]  # noqa: F821
    branch: Any = dataclasses.make_dataclass("Branch", parts)
    branch.__module__, globals()["Branch"] = __name__, branch
    tree = from_json('{"text": "a", "parts": [{"text": "b", "parts": []}], "main": {"text": "c", "parts": []}}', branch)
    assert tree == branch("a", [branch("b", [])], branch("c", []))


def test_a_name_that_the_module_does_not_define_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Odd: name 'Nowhere' is not defined in the module"):
        json_schema(attrs.make_class("Odd", {"field": attrs.field(type="Nowhere")}))


def test_two_classes_of_the_same_name_are_refused() -> None:
    """The schema refers to classes by their names."""
    kinds = [attrs.make_class("Part", {"x": attrs.field(type=kind)}) for kind in (int, str)]
    fields = {f"field{number}": attrs.field(type=kind) for number, kind in enumerate(kinds)}
    with pytest.raises(TypeError, match="same name"):
        json_schema(attrs.make_class("Whole", fields))


KINDS = st.recursive(
    st.sampled_from([str, int, float, bool, Course, Heat, Literal["a", 2], Step]),
    lambda kind: st.one_of(
        kind.map(lambda one: list[one]),  # type: ignore[valid-type]
        kind.map(lambda one: dict[str, one]),  # type: ignore[valid-type]
        kind.map(lambda one: one | None),
        st.tuples(kind, kind).map(lambda two: two[0] | two[1]),
        st.lists(kind, min_size=1, max_size=3).map(lambda some: made_class(some)),
    ),
    max_leaves=5,
)


NUMBERS = itertools.count()


def made_class(kinds: list[Any]) -> type:
    """Make a class with fields of these types and a name of its own."""
    fields = {f"field{number}": attrs.field(type=kind) for number, kind in enumerate(kinds)}
    return attrs.make_class(f"Made{next(NUMBERS)}", fields)


@given(st.lists(KINDS, min_size=1, max_size=4).map(made_class))
@settings(max_examples=30)
def test_what_the_emulator_answers_to_any_schema_makes_a_round_trip_through_the_class(cls: Any) -> None:
    value = Maker(text="some text").value(json_schema(cls))
    made = from_json(json.dumps(value), cls)
    assert type(made) is cls
    assert cattrs.Converter().unstructure(made) == value


@pytest.mark.parametrize("into", [Step, None])
async def test_analyze_requests_the_schema_and_returns_an_instance_only_with_into(
    emulator: Emulator, client: AsyncTwelveLabs, into: type[Step] | None
) -> None:
    answer = await client.analyze(video=VIDEO, prompt="How?", **({} if into is None else {"into": into}))
    [request] = emulator.requests
    if into is None:
        assert "response_format" not in request.json
        assert not isinstance(answer, Step)
    else:
        assert request.json["response_format"] == {"type": "json_schema", "json_schema": json_schema(Step)}
        assert isinstance(answer, Step)
        assert answer.text.startswith("This file shows cake.")


def test_the_blocking_client_returns_an_instance(emulator: Emulator, sync_client: TwelveLabs) -> None:
    emulator.understand("cake.mp4", text='{"text": "Bake."}')
    assert sync_client.analyze(video=VIDEO, prompt="How?", into=Step) == Step("Bake.")


async def test_an_answer_cut_off_at_max_tokens_is_an_error_with_the_text(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    emulator.understand("cake.mp4", text="Bake. " * 1000)
    with pytest.raises(APIResponseError, match="max_tokens") as caught:
        await client.analyze(video=VIDEO, prompt="How?", max_tokens=512, into=Step)
    assert caught.value.body.startswith('{"text": "Bake. ')


async def test_a_task_that_is_waited_for_returns_an_instance(emulator: Emulator, client: AsyncTwelveLabs) -> None:
    emulator.understand("cake.mp4", text='{"text": "Bake."}')
    tasks = client.analyze_async.tasks
    answer = asyncio.create_task(tasks.create_and_wait(video=VIDEO, prompt="How?", interval=0.01, into=Step))
    await until(lambda: len(emulator.requests) > 1)
    emulator.advance(60)
    assert await answer == Step("Bake.")
    assert emulator.requests[0].json["response_format"]["json_schema"] == json_schema(Step)


async def test_a_response_returns_an_instance_from_its_final_message(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    part = {"type": "output_text", "text": '{"text": "Bake."}'}
    output = [
        {"type": "message", "phase": "commentary", "content": [{"type": "output_text", "text": "Hm."}]},
        {"type": "message", "phase": "final_answer", "content": [part]},
    ]
    emulator.fail("POST", "/responses", status=200, body={"status": "completed", "output": output})
    assert await client.responses.create(**QUESTION, into=Step) == Step("Bake.")
    [request] = emulator.requests
    assert request.headers["Content-Type"] == "application/json"


async def test_an_incomplete_response_is_an_error_with_the_reason_and_the_text(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    output = [{"type": "message", "content": [{"type": "output_text", "text": '{"text"'}]}]
    body = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": output}
    emulator.fail("POST", "/responses", status=200, body=body)
    with pytest.raises(APIResponseError, match=r"'incomplete' \(max_output_tokens\)") as caught:
        await client.responses.create(**QUESTION, into=Step)
    assert caught.value.body == '{"text"'


async def test_mistakes_with_into_are_refused_before_a_request_is_sent(
    emulator: Emulator, client: AsyncTwelveLabs
) -> None:
    with pytest.raises(ValueError, match="Leave out response_format: into sets it"):
        await client.analyze(video=VIDEO, prompt="?", response_format=None, into=Step)
    with pytest.raises(ValueError, match="Pass either text= or into="):
        await client.responses.create(**QUESTION, text={"format": {"type": "text"}}, into=Step)
    with pytest.raises(TypeError, match="attrs class or a dataclass"):
        await client.analyze(video=VIDEO, prompt="?", into=str)
    for no_class in (Step("Bake."), Step | None):
        with pytest.raises(TypeError, match="attrs class or a dataclass"):
            await client.responses.create(**QUESTION, into=no_class)  # type: ignore[arg-type]
    assert not emulator.requests

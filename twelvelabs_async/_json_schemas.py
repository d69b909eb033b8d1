"""JSON schemas of a user's classes, for answers and for the data that a knowledge store extracts."""

from __future__ import annotations

import inspect
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from attrs import field, frozen

from ._class_fields import Field, class_fields, has_fields

__all__ = ["json_schema"]

Json = dict[str, Any]

JSON_TYPES: Final = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
UNIONS: Final = (Union, UnionType)
GRANULARITIES: Final = ("shot", "video", "image")


def json_schema(cls: type, *, for_enrichment: bool = False) -> dict[str, Any]:
    """Return the JSON schema of an attrs class or a dataclass.

    The schema has only keywords that the API supports. The types of fields may be strings, numbers, booleans, None,
    enums and literals of these, other such classes, lists, dicts with string keys, and unions. A field with a default
    is not required. The ``description`` in the metadata of a field becomes its description, as the docstring of a
    class becomes the class's. The API has no keyword for the values of a dict: describe them in the prompt, or use a
    list of a class instead.

    Args:
        cls: Class of the answer, or of the data that a knowledge store extracts from each item.
        for_enrichment: True for the ``json_schema`` of an enrichment of `AsyncKnowledgeStores.create`. Every field
            then needs a description. A field that may be ``None`` is not required, and left out if there is no value.
            The ``granularity`` in the metadata of a field states how often it is extracted: once per ``shot`` of a
            video, per ``video`` or per ``image``. Default: false.

    Raises:
        TypeError: *cls* is not such a class, or a field has another type. For an enrichment also: a field has no
            description, is a union of several types, or contains its own class.

    Example:
        ::

            @attrs.define
            class Recipe:
                title: str
                minutes: int | None
                steps: list[str]

            json_format = {"type": "json_schema", "json_schema": json_schema(Recipe)}
            async for event in client.analyze_stream(video=video, prompt="…", response_format=json_format): ...

            @attrs.define
            class Match:
                action: str = attrs.field(metadata={"description": "What the players do."})
                score: str = attrs.field(metadata={"description": "Final score.", "granularity": "video"})

            schema = json_schema(Match, for_enrichment=True)
            config = {"enrichment_config": {"type": "json_schema", "json_schema": schema}}
            store = await client.knowledge_stores.create(name="matches", ingestion_config=config)
    """
    if not has_fields(cls):
        raise TypeError(f"Expected an attrs class or a dataclass for the answer; got {cls!r}.")
    if for_enrichment:
        return _EnrichmentSchemas(path=(cls,)).object_schema(cls)
    schemas = _Schemas()
    schema = schemas.object_schema(cls)
    by_name = {definition.__name__: schemas.definitions[definition] for definition in schemas.definitions}
    if len(by_name) < len(schemas.definitions):
        classes = [*schemas.definitions]
        raise TypeError(f"{cls.__name__} uses several classes of the same name: {classes}. Rename one of them.")
    return {**schema, "$defs": by_name} if by_name else schema


@frozen
class _Schemas:
    """Schemas for answers.

    Attributes:
        definitions: Schemas of the classes that other classes contain.
    """

    definitions: dict[type, Json] = field(factory=dict[type, Json])

    def object_schema(self, cls: type) -> Json:
        fields = [*class_fields(cls)]
        schema: Json = {
            "type": "object",
            "properties": {one.name: self.property_schema(one, f"{cls.__name__}.{one.name}") for one in fields},
            "required": [one.name for one in fields if self.is_required(one)],
        }
        # A dataclass without a docstring gets its signature as one.
        if cls.__doc__ and not cls.__doc__.startswith(f"{cls.__name__}("):
            schema["description"] = inspect.cleandoc(cls.__doc__)
        return schema

    def is_required(self, one: Field) -> bool:
        return one.required

    def property_schema(self, one: Field, path: str) -> Json:
        schema = self.schema(one.kind, path)
        # A reference admits no other keyword.
        return schema if "$ref" in schema else {**schema, **_metadata(one, "description")}

    def schema(self, kind: Any, path: str) -> Json:
        """Return the schema of a type. *path* names its field in error messages."""
        origin, arguments = get_origin(kind), get_args(kind)
        if kind in JSON_TYPES:
            return {"type": JSON_TYPES[kind]}
        if origin in UNIONS:
            return self.union_schema(arguments, path)
        if origin is list:
            return {"type": "array", "items": self.schema(arguments[0], path)}
        if origin is dict and arguments[0] is str and self.schema(arguments[1], path):
            return {"type": "object"}  # the API refuses a schema as additionalProperties
        if has_fields(kind):
            return self.class_schema(kind, path)
        choices: list[Any] = [*arguments] if origin is Literal else []
        if isinstance(kind, type) and issubclass(kind, Enum):
            choices = [member.value for member in kind]
        if choices and all(type(choice) in JSON_TYPES for choice in choices):
            return self.choice_schema(choices, path)
        raise TypeError(f"{path}: the API has no JSON schema for {kind!r}. See json_schema for the types of fields.")

    def union_schema(self, members: tuple[Any, ...], path: str) -> Json:
        return {"anyOf": [self.schema(member, path) for member in members]}

    def choice_schema(self, choices: list[Any], path: str) -> Json:
        return {"enum": choices}

    def class_schema(self, cls: type, path: str) -> Json:
        if cls not in self.definitions:
            self.definitions[cls] = {}  # the class may refer to itself
            self.definitions[cls] = self.object_schema(cls)
        return {"$ref": f"#/$defs/{cls.__name__}"}


@frozen
class _EnrichmentSchemas(_Schemas):
    """Schemas for enrichments, without references and unions (docs: Create a knowledge store).

    Attributes:
        path: The class of the enrichment, and those in it that contain the current field.
    """

    path: tuple[type, ...] = ()

    def is_required(self, one: Field) -> bool:
        return one.required and NoneType not in get_args(one.kind)

    def property_schema(self, one: Field, path: str) -> Json:
        schema = {**self.schema(one.kind, path), **_metadata(one, "description", "granularity")}
        if not schema.get("description"):
            hint = 'attrs.field(metadata={"description": "…"}), or dataclasses.field with the same'
            raise TypeError(f"{path} has no description, which an enrichment requires. Use {hint}.")
        if "granularity" in schema:
            if len(self.path) > 1:
                raise TypeError(
                    f"{path} has a granularity. Only fields of {self.path[0].__name__} itself may have one."
                )
            if schema["granularity"] not in GRANULARITIES:
                expected = ", ".join(map(repr, GRANULARITIES))
                raise TypeError(f"{path}: expected one of {expected} as granularity; got {schema['granularity']!r}.")
        return schema

    def union_schema(self, members: tuple[Any, ...], path: str) -> Json:
        kinds = [member for member in members if member is not NoneType]
        if len(kinds) > 1:
            raise TypeError(f"{path}: an enrichment has no unions. Expected one type, or None beside it; got {kinds}.")
        return self.schema(kinds[0], path)

    def choice_schema(self, choices: list[Any], path: str) -> Json:
        kinds: set[type] = {type(choice) for choice in choices}
        if len(kinds) > 1 or NoneType in kinds:
            raise TypeError(f"{path}: an enrichment has only choices of one type, without None; got {choices}.")
        return {"type": JSON_TYPES[kinds.pop()], "enum": choices}

    def class_schema(self, cls: type, path: str) -> Json:
        if cls in self.path:
            raise TypeError(f"{path}: {cls.__name__} contains itself, which an enrichment does not support.")
        return _EnrichmentSchemas(path=(*self.path, cls)).object_schema(cls)


def _metadata(one: Field, *names: str) -> Json:
    """Return those of the named values that the metadata of a field has."""
    return {name: one.metadata[name] for name in names if name in one.metadata}

"""Schemas by which pydantic, and FastAPI with it, validates and serializes models. Imported when one is needed."""

from functools import cache
from typing import Any, cast, get_type_hints

import attrs
from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import CoreSchema, core_schema

from ._wire import fields_of


def schema_of(cls: Any, handler: Any) -> CoreSchema:
    """Return the schema of a model.

    Instances are valid. The values of a dict are validated and converted by the types of the fields, unlike those of a
    response, and unknown fields are kept.
    """
    hints = get_type_hints(cls, include_extras=True)
    fields = core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(
                _schema_of_hint(hints[name], handler),
                required=getattr(attrs.fields(cls), name).default is attrs.NOTHING,
                validation_alias=name if name == key else cast("Any", [[name], [key]]),
            )
            for name, key, *_ in fields_of(cls)
        },
        cls_name=cls.__name__,
        extra_behavior="allow",
    )

    def validate(value: Any, validated: Any) -> Any:
        return value if isinstance(value, cls) else cls.from_dict(validated(value))

    return core_schema.no_info_wrap_validator_function(
        validate,
        fields,
        ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        serialization=core_schema.plain_serializer_function_ser_schema(_serialize, info_arg=True),
    )


@cache
def serializer_of(cls: Any) -> Any:
    """Return the serializer of a model, for values whose type pydantic does not know, as in ``dict[str, Any]``."""
    return TypeAdapter(cls).serializer


def _schema_of_hint(hint: Any, handler: Any) -> CoreSchema:
    try:
        return handler.generate_schema(hint)  # type: ignore[no-any-return]
    except PydanticUserError:  # a `TypedDict`, before Python 3.12
        return core_schema.any_schema()


def _serialize(model: Any, info: core_schema.SerializationInfo) -> Any:
    """Return *model* as a dict with Python's names, as the official models do: their aliases are none of pydantic."""
    return model.to_dict(
        mode=info.mode,
        include=info.include,
        exclude=info.exclude,
        exclude_unset=info.exclude_unset,
        exclude_defaults=info.exclude_defaults,
        exclude_none=info.exclude_none,
    )

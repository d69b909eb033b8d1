"""Prices that the user states, and the cost by them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from attrs import Attribute, field, fields_dict, frozen

from .._validators import between, number
from ..errors import InvalidArgumentTypeError
from ..options import RateLimitCategory
from .usage import Usage


@frozen(kw_only=True)
class Price:
    """Prices of one category.

    Attributes:
        per_minute: Price of a minute of video or audio.
        per_request: Price of a request that creates a job, such as that for the embedding of an image.
        per_1000_tokens: Price of 1,000 tokens of answers.
    """

    per_minute: float = field(default=0.0, converter=number, validator=between(0))
    per_request: float = field(default=0.0, converter=number, validator=between(0))
    per_1000_tokens: float = field(default=0.0, converter=number, validator=between(0))


def _prices_by_category(_: object, attribute: Attribute[Any], value: Mapping[Any, Any]) -> None:
    for name, price in value.items():
        if name not in get_args(RateLimitCategory) or not isinstance(price, Price):
            raise InvalidArgumentTypeError(
                f"{attribute.name} must have a Price for each category, such as indexing or embed; "
                f"got {price!r:.100} for {name!r:.100}."
            )


@frozen(kw_only=True)
class Prices:
    """Prices of an account. This package knows none: state those of your plan.

    Attributes:
        currency: Name of the currency, such as ``USD``.
        categories: Prices by category: ``indexing``, ``embed``, ``analyze``, ``assets`` for uploads.

    Example:
        A file ``prices.toml``, or the same as JSON::

            currency = "USD"

            [indexing]
            per_minute = 0.04

            [analyze]
            per_minute = 0.02
            per_1000_tokens = 0.008
    """

    currency: str
    categories: Mapping[RateLimitCategory, Price] = field(validator=_prices_by_category)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Prices:
        """Read prices from a file: TOML, or JSON if its name ends with ``.json``.

        Raises:
            OSError: The file cannot be read.
            ValueError: The file is not TOML or JSON, or has other fields than those documented.
        """
        file = Path(os.path.expanduser(path))
        content = file.read_bytes()
        try:
            text = content.decode()
            if file.suffix.lower() == ".json":
                import json

                return _prices_of(json.loads(text))
            import tomllib

            return _prices_of(tomllib.loads(text))
        except (ValueError, TypeError) as error:
            raise ValueError(f"Invalid prices in {file}: {error}") from None

    def cost(self, usage: Usage, category: RateLimitCategory) -> float:
        """Return the cost of *usage*.

        Args:
            usage: Sum of what sources need.
            category: Category of the requests that create the jobs.
        """
        price = self.categories[category]
        content = price.per_minute * usage.minutes + price.per_1000_tokens * usage.tokens / 1000
        return content + price.per_request * usage.sources


def to_prices(value: object) -> Prices:
    """Return prices, read from a file if *value* is a path.

    Raises:
        TypeError: *value* is neither prices nor a path.
    """
    if isinstance(value, Prices):
        return value
    if isinstance(value, str | os.PathLike):
        return Prices.read(cast("str | os.PathLike[str]", value))
    raise InvalidArgumentTypeError(f"prices must be a Prices, or the path of a file; got {value!r:.100}.")


def _prices_of(content: object) -> Prices:
    """Return the prices in the content of a file."""
    if not isinstance(content, dict):
        raise ValueError("expected an object with currency and the prices by category.")
    given = cast("dict[str, Any]", content)
    currency = given.pop("currency", None)
    if not isinstance(currency, str):
        raise ValueError(f'currency must be a text such as "USD"; got {currency!r:.100}.')
    known: tuple[RateLimitCategory, ...] = get_args(RateLimitCategory)
    if unknown := given.keys() - set(known):
        raise ValueError(f"unknown category {min(unknown)!r:.100}. Expected one of {', '.join(known)}.")
    return Prices(currency=currency, categories={name: _price_of(name, given[name]) for name in known if name in given})


def _price_of(category: str, given: object) -> Price:
    names = fields_dict(Price)
    prices = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    if unknown := [name for name in prices if name not in names]:
        raise ValueError(f"{category} has the unknown price {unknown[0]!r:.100}. Expected {', '.join(names)}.")
    if not prices:
        raise ValueError(f"{category} must have at least one of {', '.join(names)}; got {given!r:.100}.")
    return Price(**prices)

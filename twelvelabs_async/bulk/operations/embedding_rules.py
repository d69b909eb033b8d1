"""Kinds of files that models embed, and the parameters that are valid for them.

The rules are those of the page `Create an async embedding task` of the API's documents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from ...errors import InvalidArgumentError
from ...media.types import MediaKind
from ..folders import ALL_KINDS

PAGE: Final = "Create an async embedding task"
UNCERTAINTY: Final = "embedding_uncertainty"
SCOPE: Final = "embedding_scope"
FOR_MARENGO_3_5: Final = ("embedding_dimension", UNCERTAINTY)
DIMENSIONS: Final = (128, 256, 512)

VALUES: Final[Mapping[str, Mapping[MediaKind, Mapping[str, Sequence[str]]]]] = {
    "marengo3.0": {
        "video": {"embedding_option": ("visual", "audio", "transcription"), SCOPE: ("clip", "asset")},
        "audio": {"embedding_option": ("audio", "transcription"), SCOPE: ("clip", "asset")},
    },
    "marengo3.5": {
        "video": {"embedding_option": ("visual", "audio"), SCOPE: ("clip", "local", "asset")},
        "audio": {"embedding_option": ("audio",), SCOPE: ("clip", "local", "asset")},
        "document": {"embedding_option": ("visual", "text"), SCOPE: ("local", "asset")},
        "image": {"embedding_option": ("visual",), SCOPE: ("asset",)},
    },
}
"""Valid values of the parameters of each kind of file, by model. Other models have no rules here."""


def kinds_of(model_name: str) -> Collection[MediaKind]:
    """Return the kinds of files that a model embeds."""
    return [*VALUES[model_name]] if model_name in VALUES else ALL_KINDS


def valid_values(model_name: str, kind: MediaKind, parameter: str) -> Sequence[str] | None:
    """Return the valid values of a parameter, or ``None`` if they are unknown."""
    return VALUES.get(model_name, {}).get(kind, {}).get(parameter)


def validate_model(model: Mapping[str, Any]) -> None:
    """Validate the parameters that hold for all kinds of files.

    Raises:
        ValueError: The model does not have such a parameter, or the value is invalid.
    """
    name, dimension = model["model_name"], model.get("embedding_dimension")
    if name == "marengo3.0" and (given := [parameter for parameter in FOR_MARENGO_3_5 if model.get(parameter)]):
        raise InvalidArgumentError(f"{given[0]} requires the model_name 'marengo3.5'; got {name!r}.")
    if name in VALUES and dimension is not None and dimension not in DIMENSIONS:
        raise InvalidArgumentError(f"embedding_dimension must be one of {DIMENSIONS}; got {dimension!r:.100}.")


def find_refusal(model: Mapping[str, Any], kind: MediaKind, parameters: Mapping[str, Any]) -> str | None:
    """Return the reason why the API refuses files of a kind with these parameters, or ``None``.

    Args:
        model: The model, and what holds for all embeddings.
        kind: Kind of the files.
        parameters: Parameters for this kind.
    """
    name = model["model_name"]
    if name not in VALUES:
        return None
    for parameter, valid in VALUES[name].get(kind, {}).items():
        invalid = [value for value in parameters.get(parameter) or () if value not in valid]
        if invalid:
            return f"{parameter} of {kind} must be among {valid} for {name}; got {invalid[0]!r:.100} (docs: {PAGE})."
    segmentation = parameters.get("segmentation")
    if kind in ("audio", "video") and segmentation and ("temporal" in segmentation) != (name == "marengo3.5"):
        form = '{"temporal": {"strategy": …}}' if name == "marengo3.5" else '{"strategy": …}'
        return f"segmentation of {kind} must have the form {form} for {name} (docs: {PAGE})."
    scopes = parameters.get(SCOPE) or ("clip", "asset")
    if model.get(UNCERTAINTY) and kind in ("audio", "video") and "asset" in scopes:
        return f"{UNCERTAINTY} requires the {SCOPE} 'clip' alone for {kind}: a whole file has none (docs: {PAGE})."
    return None

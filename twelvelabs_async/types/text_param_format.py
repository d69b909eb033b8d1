"""Official path of `TextParamFormat` and its variants."""

from ..models.responses import TextParamFormat, TextParamFormat_JsonSchema, TextParamFormat_Text

__all__ = ["TextParamFormat", "TextParamFormat_JsonSchema", "TextParamFormat_Text"]

"""Official path of `StreamAnalyzeResponse` and its variants."""

from ..models.analyze import (
    StreamAnalyzeResponse,
    StreamAnalyzeResponse_StreamEnd,
    StreamAnalyzeResponse_StreamStart,
    StreamAnalyzeResponse_TextGeneration,
)

__all__ = [
    "StreamAnalyzeResponse", "StreamAnalyzeResponse_StreamEnd", "StreamAnalyzeResponse_StreamStart",
    "StreamAnalyzeResponse_TextGeneration",
]  # fmt: skip

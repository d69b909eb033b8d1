"""Official path of `EmbeddingResponse`."""

from ..models.embed import EmbeddingResponse

__all__ = ["EmbeddingResponse"]

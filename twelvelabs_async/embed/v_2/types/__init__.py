"""Official path of the types of arguments of ``client.embed.v_2``."""

from ....models.official_names import CreateEmbeddingsRequestInputType, CreateEmbeddingsRequestModelName

__all__ = ["CreateEmbeddingsRequestInputType", "CreateEmbeddingsRequestModelName"]

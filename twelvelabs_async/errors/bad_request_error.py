"""Official path of `BadRequestError`."""

from . import BadRequestError

__all__ = ["BadRequestError"]

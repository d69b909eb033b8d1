"""Official path of the classes of ``client.embed.tasks``."""

from .types import *

"""Official path of the classes of ``client.embed.v_2.tasks``."""

from .types import *

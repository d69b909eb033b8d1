"""Official path of the classes of ``client.tasks``."""

from .types import *

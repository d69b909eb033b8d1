"""Official path of the classes of ``client.indexes.videos``."""

from .types import *

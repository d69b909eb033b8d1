"""Official path of the classes of ``client.indexes.indexed_assets``."""

from .types import *

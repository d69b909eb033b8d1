"""Official path of the classes of ``client.indexes``, indexed assets and videos included."""

from . import indexed_assets as indexed_assets
from . import videos as videos
from .indexed_assets import *
from .types import *
from .videos import *

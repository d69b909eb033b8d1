"""The public names of all models, for type checkers."""

from ._base import *
from .analyze import *
from .analyze_async import *
from .assets import *
from .data_connectors import *
from .embed import *
from .embed_v_2 import *
from .embed_v_2_inputs import *
from .entity_collections import *
from .imports import *
from .indexed_assets import *
from .indexes import *
from .knowledge_stores import *
from .moment import *
from .moments import *
from .multipart_upload import *
from .official_classes import *
from .official_names import *
from .responses import *
from .search import *
from .tables import *
from .tasks import *
from .videos import *
from .webhooks import *

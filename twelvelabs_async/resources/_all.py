"""The public names of all resources, which `twelvelabs_async` imports on first use."""

from ._base import *
from ._search_pager import *
from .analyze import *
from .analyze_async import *
from .analyze_batches import *
from .analyze_tasks import *
from .assets import *
from .data_connectors import *
from .embed import *
from .embed_tasks import *
from .embed_v_2 import *
from .entities import *
from .entity_collections import *
from .imports import *
from .indexed_assets import *
from .indexes import *
from .knowledge_store_item_collections import *
from .knowledge_store_items import *
from .knowledge_stores import *
from .multipart_upload import *
from .responses import *
from .search import *
from .tasks import *
from .videos import *

"""Official path of the classes of ``client.embed.v_2``, tasks included."""

from . import tasks as tasks
from .tasks import *
from .types import *

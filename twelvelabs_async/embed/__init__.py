"""Official path of the classes of ``client.embed``, tasks included."""

from . import tasks as tasks
from . import v_2 as v_2
from .tasks import *
from .v_2.types import *

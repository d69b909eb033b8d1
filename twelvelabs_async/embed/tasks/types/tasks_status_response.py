"""Official path of `TasksStatusResponse`."""

from . import TasksStatusResponse

__all__ = ["TasksStatusResponse"]

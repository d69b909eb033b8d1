"""Official path of the `TasksRetrieveResponse` of ``client.tasks``."""

from . import TasksRetrieveResponse

__all__ = ["TasksRetrieveResponse"]

"""Operations of bulk runs."""

from .analyze import AnalyzeOperation as AnalyzeOperation
from .base import Operation as Operation
from .delete import DeleteOperation as DeleteOperation
from .embed import EmbedOperation as EmbedOperation
from .index import IndexOperation as IndexOperation
from .upload import UploadOperation as UploadOperation

"""State of the emulated platform, without HTTP and JSON: `Emulator.state`."""

from .analyze import AnalyzeBatch, AnalyzeTask, Answer
from .assets import Asset, PartUrl, Upload
from .connections import Authorization, Connection, Import, ImportedFile, RedirectUri
from .embed import DocumentPart, EmbeddedSegment, EmbeddingInput, EmbeddingTask
from .entities import Entity, EntityCollection
from .indexes import Index, IndexedAsset, IndexingTask, Search
from .knowledge_stores import ItemCollection, KnowledgeStore, KnowledgeStoreItem, Session
from .named import Named
from .state import Settings, State, duration

__all__ = [
    "AnalyzeBatch",
    "AnalyzeTask",
    "Answer",
    "Asset",
    "Authorization",
    "Connection",
    "DocumentPart",
    "EmbeddedSegment",
    "EmbeddingInput",
    "EmbeddingTask",
    "Entity",
    "EntityCollection",
    "Import",
    "ImportedFile",
    "Index",
    "IndexedAsset",
    "IndexingTask",
    "ItemCollection",
    "KnowledgeStore",
    "KnowledgeStoreItem",
    "Named",
    "PartUrl",
    "RedirectUri",
    "Search",
    "Session",
    "Settings",
    "State",
    "Upload",
    "duration",
]

"""Durable record of bulk runs."""

from .database import Job as Job
from .directory import create_journal_directory as create_journal_directory
from .directory import journal_directory as journal_directory
from .directory import user_journal as user_journal
from .entries import FileStamp as FileStamp
from .entries import JournalEntry as JournalEntry
from .entries import Stage as Stage
from .journal import Journal as Journal
from .journal import SQLiteJournal as SQLiteJournal
from .journal import open_journal as open_journal
from .leases import LeaseLostError as LeaseLostError
from .reading import Command as Command
from .reading import JournalFile as JournalFile
from .reading import JournalStatus as JournalStatus
from .reading import list_journals as list_journals
from .reading import look_up_entries as look_up_entries
from .reading import read_journal as read_journal
from .timings import JournalTimings as JournalTimings

"""From the bytes of a merchant's file to Arrow batches of text: CSV in any dialect, gz, zip, xlsx and xls."""

from yutang.ingest.reading.file_names import export_instant
from yutang.ingest.reading.problems import PROBLEMS
from yutang.ingest.reading.source import Sheet, Source, open_source

__all__ = ["PROBLEMS", "Sheet", "Source", "export_instant", "open_source"]

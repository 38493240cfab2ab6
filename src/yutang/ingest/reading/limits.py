"""Sizes beyond which a file is refused, so that no file can exhaust the machine."""

from __future__ import annotations

MIB = 1 << 20

#: Bytes read and parsed at a time; memory is a small multiple of it whatever the size of the file.
CHUNK_BYTES = 4 * MIB
MAX_CELL_BYTES = 1 * MIB
MAX_ROW_BYTES = 8 * MIB
MAX_COLUMNS = 2_000
#: Unpacked size of a compressed CSV. It is read in a stream, so this bounds time, not memory.
MAX_UNPACKED_TEXT_BYTES = 16 * 1024 * MIB
#: Unpacked size of one member of a workbook. Unlike text, a sheet is held in memory, at about twice its unpacked size, so
#: that this bounds memory to about 1 GiB.
MAX_UNPACKED_SHEET_BYTES = 512 * MIB
#: Unpacked bytes a packed byte, looked at once `RATIO_COUNTS_FROM` bytes came out. Real exports reach 60.
MAX_UNPACK_RATIO = 200
RATIO_COUNTS_FROM = 16 * MIB
#: Address space of the process that reads a workbook.
MAX_WORKBOOK_MEMORY_BYTES = 4 * 1024 * MIB

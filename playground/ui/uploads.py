"""Uploaded files: large pictures are made small as they arrive, and files that have been read are let go.

Streamlit itself would hold each file as it came, all those of one choice together, until its visitor has gone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from contextlib import suppress

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from playground.data.images_own import small_copy

LARGE = 1_000_000
"""Bytes from which on a picture is made small."""
_MMAP_THRESHOLD = -3  # its name in malloc.h
_GIVEN_BACK = 262_144  # bytes

_add_whole = MemoryUploadedFileManager.add_file


def shrink_pictures() -> None:
    """Let Streamlit keep large pictures as small ones. Called once, at the start."""
    MemoryUploadedFileManager.add_file = _add_file  # type: ignore[method-assign]


def give_large_memory_back() -> None:
    """Let what was large go back to the system when it is freed: glibc keeps it after a few files. Called once."""
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _GIVEN_BACK)
    except (AttributeError, OSError, TypeError):
        return  # another C library, which has no such choice


def _add_file(self: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
    """Make a picture small before the next one is read; a photo of 12 million pixels takes 60 ms."""
    if len(file.data) >= LARGE and file.type.startswith("image/"):
        with suppress(ValueError):  # who reads it will say why
            file = file._replace(data=small_copy(file.data))
    _add_whole(self, session_id, file)


def let_go(files: Iterable[UploadedFile]) -> None:
    """Take files out of the server's memory. The widget that brought them must begin anew under another key."""
    context = get_script_run_ctx()
    remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)  # not every store of files has it
    if context is None or remove is None:
        return
    for file in files:
        remove(context.session_id, file.file_id)

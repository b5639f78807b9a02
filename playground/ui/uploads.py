"""Uploaded files that have been read: Streamlit itself would hold each in memory until its visitor has gone."""

from __future__ import annotations

from collections.abc import Iterable

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def let_go(files: Iterable[UploadedFile]) -> None:
    """Take files out of the server's memory. The widget that brought them must begin anew under another key."""
    context = get_script_run_ctx()
    remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)  # not every store of files has it
    if context is None or remove is None:
        return
    for file in files:
        remove(context.session_id, file.file_id)

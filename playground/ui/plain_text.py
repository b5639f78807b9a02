"""Texts of visitors in places where Streamlit reads Markdown."""

from __future__ import annotations


def plain(text: str) -> str:
    """A text in which Markdown finds nothing."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]$:~#<>|!" else letter for letter in text)

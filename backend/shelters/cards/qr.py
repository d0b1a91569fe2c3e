"""A QR code for cards: that of every room."""

from backend.core.qr import path

__all__ = ["path"]

from .bulk import BulkFile, BulkHeld, BulkRun

__all__ = ["BulkFile", "BulkHeld", "BulkRun"]

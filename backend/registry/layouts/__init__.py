"""Mappings: how a vendor's file becomes the canonical layout before anything else reads it."""

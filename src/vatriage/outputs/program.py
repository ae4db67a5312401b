"""Who writes: the product as formats name it."""

NAME = "vatriage"
VERSION = "0.1.0"
"""The release; a test compares it with the package's."""

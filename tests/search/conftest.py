"""The running site and its browsers, as the tests of pages have them (tests/pages/conftest.py)."""

from tests.pages.conftest import faults, open_browser, pytest_collection_modifyitems, site

__all__ = ["faults", "open_browser", "pytest_collection_modifyitems", "site"]

"""Fixtures that more than one room of tests uses."""

pytest_plugins = ["tests.browser.fixtures"]

"""The way to redirects for whoever builds pages; articles share them, so they lie below."""

from pages.publishing.redirects import Redirect, find, leave

__all__ = ["Redirect", "find", "leave"]

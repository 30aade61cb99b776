"""Formats of dates and times where Django's own differ from what people here read and type."""

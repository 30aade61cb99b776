"""Formats of the staff's pages: lists show the weekday, and times are typed in many ways."""

DATETIME_FORMAT = "D, M j, Y, g:i A"
# The first of each list is what the admin's calendar and clock write into a field.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"]
TIME_INPUT_FORMATS = [
    "%H:%M:%S",
    "%H:%M",
    "%H:%M:%S.%f",
    "%I:%M %p",
    "%I:%M%p",
    "%I.%M %p",
    "%I.%M%p",
    "%I %p",
    "%I%p",
    "%H.%M",
]

"""American formats of dates and times; staff can type times in many ways.

Another language needs a module of its own beside this one, with the same names.
"""

TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "D, M j, Y, g:i A"
# A date with its weekday, the year left out where it is plain.
WEEKDAY_FORMAT = "l, F j"
WEEKDAY_YEAR_FORMAT = "l, F j, Y"
MONTH_FORMAT = "F Y"
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

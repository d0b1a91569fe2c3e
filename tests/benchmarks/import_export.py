"""A row of the full export against django-import-export's standard resource."""

from __future__ import annotations

from .place import Place
from .report import Limit, Report, Table

ROWS = 5000


def run(place: Place) -> Report:
    ours = place.ours.full.seconds / place.ours.full.result["rows"]
    url = place.postgresql("row_by_row")
    said = place.python(url, "tests.benchmarks.row_by_row", place.full_file, ROWS).result
    ways = {
        "the same rows through our import, in one process": said["ours_seconds"] / said["rows"],
        "standard resource, everybody new": said["new_seconds"] / said["rows"],
        "standard resource, asked by 宛名番号": said["by_number_seconds"] / said["rows"],
    }
    fastest = min(seconds for name, seconds in ways.items() if name.startswith("standard"))
    name = f"import_register, all {place.ours.full.result['rows']:,} rows, the whole process"
    rows = [[name, ours * 1000, 1.0], *([what, seconds * 1000, seconds / ours] for what, seconds in ways.items())]
    for row in rows:
        row[1] = f"{row[1]:.4f}"
    return Report(
        name="import_export",
        title="A row of the full export, and django-import-export",
        about=(
            f"`ModelResource` with its default options: `import_data` of the first {ROWS:,} rows of the same file as a"
            " tablib dataset that is in memory already, into a plain table of the same columns; once as people who are"
            " all new, once looked up by an indexed 宛名番号. Ours checks every value, the resource none. The limit is"
            " held against the faster of the two."
        ),
        figures={"ours_seconds_a_row": ours, "resource_seconds_a_row": fastest, "rows": said["rows"], **said},
        table=Table(["way", "ms a row", "× ours"], rows),
        limits=[Limit("a row through the standard resource to ours", fastest / ours, 20, " ×", at_least=True)],
    )

"""`PYTHON tests/benchmarks/matching_splink.py FOLDER`, with the Python of an environment that has splink.

The same residents and records given to splink with the settings of its own example of linking two tables of persons
(name, surname, date of birth, a place with term frequencies; no e-mail here, so the address stands in its place), the
reading of the name beside it, and the pairs of columns that its example of a large table blocks on. A record is linked
to its best pair from a probability on; its first three are counted from 0.001 on.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

LINKED_FROM = (0.9, 0.99, 0.999)
LISTED_FROM = 0.001
FIRST = 3


def predictions(folder: Path) -> tuple[list[tuple[str, str, float]], dict[str, float]]:
    """(record, resident, probability) of every pair, and seconds of training and predicting."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = duckdb.connect()
    for name in ("residents", "records"):
        # What is not known is null there.
        connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder / name}.csv', header=true, all_varchar=true,"
            " nullstr='')"
        )
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "surname"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("address", "first_name"),
            block_on("address", "surname"),
        ],
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.NameComparison("first_name_kana"),
            cl.NameComparison("surname_kana"),
            cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=True),
            cl.ExactMatch("sex"),
            cl.ExactMatch("town").configure(term_frequency_adjustments=True),
            cl.ExactMatch("address").configure(term_frequency_adjustments=True),
        ],
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    began = time.perf_counter()
    tables = [api.register(name, dataset_display_name=name) for name in ("records", "residents")]
    linker = Linker(tables, settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            "l.first_name = r.first_name and l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
            block_on("address", "first_name"),
        ],
        recall=0.7,
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "surname"))
    trained = time.perf_counter()
    found = linker.inference.predict(threshold_match_probability=LISTED_FROM)
    rows = connection.execute(
        "SELECT unique_id_l, unique_id_r, match_probability, source_dataset_l"
        f" FROM {found.physical_name} ORDER BY match_probability DESC"
    ).fetchall()
    seconds = {"training": trained - began, "predicting": time.perf_counter() - trained}
    return [(one, two, p) if side == "records" else (two, one, p) for one, two, p, side in rows], seconds


def main() -> None:
    folder = Path(sys.argv[1])
    import splink

    rows, seconds = predictions(folder)
    listed: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for record, resident, probability in rows:
        if len(listed[record]) < FIRST:
            listed[record].append((resident, probability))
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    kinds: dict[str, dict[str, Any]] = {}
    for case in truth:
        kind = kinds.setdefault(
            case["kind"], {"records": 0, "first_three": 0, **{f"linked_{p}": 0 for p in LINKED_FROM}}
        )
        kind["records"] += 1
        three = listed.get(case["record"], [])
        kind["first_three"] += bool(case["person"]) and case["person"] in [resident for resident, _ in three]
        for p in LINKED_FROM:
            kind.setdefault(f"right_{p}", 0)
            if three and three[0][1] >= p:
                kind[f"linked_{p}"] += 1
                kind[f"right_{p}"] += three[0][0] == case["person"]
    print(json.dumps({"version": splink.__version__, "seconds": seconds, "kinds": kinds, "pairs": len(rows)}))


if __name__ == "__main__":
    main()

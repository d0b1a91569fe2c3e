"""`PYTHON tests/benchmarks/certificates_weasyprint.py FOLDER`, with the Python of an environment that has WeasyPrint.

Reads `papers.json` of the folder (texts, the QR code as a picture, the fonts of the chain) and makes the same form from
HTML, with as many processes as ours had: all papers of a process in one file, and each in a file of its own.
"""

from __future__ import annotations

import html
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

STYLE = """
@page { size: A4; margin: 20mm 24mm 18mm }
* { box-sizing: border-box }
body { font-family: FAMILIES; font-size: 11pt; margin: 0 }
.words { font-family: LABELS }
article { break-before: page }
.top { text-align: right; line-height: 1.75 }
h1 { text-align: center; font-size: 25pt; font-weight: normal; letter-spacing: .45em; margin: 12mm 0 }
table { border-collapse: collapse; width: 100%; margin-bottom: 4mm }
td, th { border: .5pt solid #333; padding: 2.8mm 3mm; font-weight: normal }
th { background: #f1f1f1; text-align: center; font-family: LABELS }
.people td { padding: 2.2mm 3mm; text-align: center } .people td.name { text-align: left }
.name1 { font-size: 13pt }
.signed { display: flex; justify-content: flex-end; align-items: center; gap: 5mm; margin: 5mm 0 }
.seal { width: 24mm; height: 24mm; border: .5pt dotted #999; color: #999; font-size: 9pt; line-height: 24mm; text-align: center }
.foot { border-top: .4pt solid #777; padding-top: 1mm; display: flex; gap: 5mm; font-size: 8.5pt; line-height: 1.65 }
.foot div { flex: 1 } .foot img { width: 30mm; height: 30mm; image-rendering: pixelated }
"""


def page(p: dict[str, Any], w: dict[str, str]) -> str:
    t = {key: html.escape(value) if isinstance(value, str) else value for key, value in p["t"].items()}
    head = {key: html.escape(value) for key, value in t["head"].items()}
    lines = "".join(
        f'<tr><th colspan="2">{w[key]}</th><td>{t[key]}</td></tr>'
        for key in ("household_number", "disaster", "occurred", "place", "purpose")
    )
    people = "".join(
        f'<tr><td>{place}</td><td class="name">{html.escape(m["name"])}</td><td>{html.escape(m["relationship"])}</td>'
        f"<td>{html.escape(m['birth'])}</td></tr>"
        for place, m in enumerate(t["members"], 1)
    )
    return (
        f'<article><p class="top">{t["number"]}<br>{t["issued_on"]}</p><h1>{t["title"]}</h1>'
        f'<table><tr><th rowspan="2">{w["head"]}</th><th>{w["name"]}</th><td class="name1">{head["name"]}</td></tr>'
        f"<tr><th>{w['address']}</th><td>{head['address']}</td></tr>{lines}</table>"
        f'<table class="people"><tr><th colspan="2">{w["members"]} {w["name"]}</th><th>{w["relationship"]}</th>'
        f"<th>{w['birth']}</th></tr>{people}</table>"
        f'<p>{t["statement"]}</p><div class="signed"><span>{t["issuer"]}</span><span style="font-size:16pt">{t["mayor"]}'
        f'</span><div class="seal">{w["seal"]}</div></div>'
        f'<div class="foot"><div>{t["note"]}<br><span class="words">{w["check"]}</span><br>{p["verify_page"]}<br>'
        f'<span class="words">{w["token"]}</span> {p["token"]}<br><span class="words">{w["department"]}</span>'
        f' {t["department"]}</div><img src="data:image/png;base64,{p["qr"]}"></div></article>'
    )


def document(papers: list[dict[str, Any]], said: dict[str, Any]) -> str:
    families = ", ".join(f"'{name}'" for name in said["families"])
    style = STYLE.replace("FAMILIES", families).replace("LABELS", f"'{said['families'][-1]}'")
    body = "".join(page(p, said["words"]) for p in papers)
    return f'<!doctype html><html lang="ja"><meta charset="utf-8"><style>{style}</style><body>{body}</body></html>'


def faces(said: dict[str, Any]) -> Any:
    """The very files of our chain, under the names that the form asks for."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    rules = "".join(
        f"@font-face {{ font-family: '{name}'; src: url('{Path(path).as_uri()}') }}"
        for name, path in zip(said["families"], said["files"], strict=True)
    )
    return fonts, CSS(string=rules, font_config=fonts)


def work(job: tuple[dict[str, Any], list[dict[str, Any]], str, bool]) -> list[int]:
    from weasyprint import HTML

    said, papers, stem, split = job
    fonts, css = faces(said)
    sizes = []
    for place, part in enumerate([[p] for p in papers] if split else [papers]):
        target = Path(f"{stem}-{place}.pdf")
        HTML(string=document(part, said)).write_pdf(
            target, stylesheets=[css], font_config=fonts, pdf_variant="pdf/a-2u"
        )
        sizes.append(target.stat().st_size)
    return sizes


def main() -> None:
    import weasyprint

    folder, processes, count, split_count = Path(sys.argv[1]), *(int(n) for n in sys.argv[2:5])
    said = json.loads((folder / "papers.json").read_text(encoding="utf-8"))
    result: dict[str, Any] = {"version": weasyprint.__version__}
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(work, [(said, said["papers"][:2], str(folder / f"warm{n}"), False) for n in range(processes)])
        for name, number, split in (("print", count, False), ("split", split_count, True)):
            papers = said["papers"][:number]
            share = -(-len(papers) // processes)
            jobs = [
                (said, papers[start : start + share], str(folder / f"weasyprint-{name}-{start}"), split)
                for start in range(0, len(papers), share)
            ]
            began = time.perf_counter()
            sizes = [size for part in pool.map(work, jobs) for size in part]
            seconds = time.perf_counter() - began
            result[name] = {"pages": len(papers), "seconds": seconds, "bytes": sum(sizes) / len(papers)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()

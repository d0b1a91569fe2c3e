"""`python -m tests.benchmarks.certificates_run FOLDER PROCESSES`: what is out in the database, printed once more from its
frozen content by the presses: in print files, and each in a file of its own, with the size of the largest of these.
Writes `papers.json` for the comparison."""

from __future__ import annotations

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import django


def main() -> None:
    django.setup()
    from backend.characters import faces
    from backend.damage.certificates.bulk import sheets
    from backend.damage.models import BulkFile
    from backend.documents import pdf, qr
    from backend.documents.presses import Presses
    from backend.documents.tokens import grouped

    folder, processes, split_count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    papers = [paper for file in BulkFile.objects.order_by("number") for paper in sheets.job(file, folder)["papers"]]
    chain = faces.chain()
    said = {
        "families": chain.families,
        "files": [face.path for face in chain.faces],
        "words": pdf.PAPERS["hisai/1"].labels,
        "papers": [
            {
                "t": pdf.printed(paper["content"]),
                "token": grouped(paper["content"]["token"]),
                "verify_page": paper["content"]["verify_url"].rpartition("/")[0] + "/",
                "qr": base64.b64encode(qr.png(pdf.code_of(paper["content"]))).decode(),
            }
            for paper in papers
        ],
    }
    (folder / "papers.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    result: dict[str, Any] = {}
    with Presses(processes) as presses:
        warm = [_job(folder, f"warm{n}", papers[:1], False) for n in range(processes)]
        for job in warm:
            presses.take(None, job)
        list(presses.done(wait=True))
        for name, some, size in (("print", papers, 500), ("split", papers[:split_count], 100)):
            began = time.perf_counter()
            for start in range(0, len(some), size):
                presses.take(None, _job(folder, f"{name}-{start}", some[start : start + size], name == "split"))
            answers = [answer for _, answer in presses.done(wait=True)]
            seconds = time.perf_counter() - began
            pages = sum(answer["begins"][-1] - 1 for answer in answers)
            result[name] = {
                "pages": pages,
                "seconds": seconds,
                "bytes": sum(answer["size"] for answer in answers) / pages,
            }
    result["split"]["largest"] = max(path.stat().st_size for path in folder.glob("split-*/*.pdf"))
    print(json.dumps(result))


def _job(folder: Path, name: str, papers: list[dict[str, Any]], split: bool) -> dict[str, Any]:
    return {
        "target": str(folder / (name if split else f"{name}.pdf")),
        "at": "2026-11-25T09:00:00+09:00",
        "post": "",
        "split": split,
        "title": name,
        "papers": papers,
        "names": [f"{place:06d}.pdf" for place in range(len(papers))],
    }


if __name__ == "__main__":
    main()

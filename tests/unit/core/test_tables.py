"""The rows of a table: whatever stands in a cell is text, unless it was marked as HTML."""

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe


def rows(*cells):
    columns = [{"label": f"列{number}"} for number, _ in enumerate(cells)]
    return render_to_string("components/table.html", {"columns": columns, "rows": [{"cells": cells}]})


def test_words_are_never_html():
    assert "<b>" not in rows("<b>", {"text": "<b>", "url": "/a/"}, {"text": "<b>", "badge": "neutral"})


def test_the_same_text_is_html_in_one_cell_and_words_in_another():
    html = rows("頭", {"text": mark_safe("<i>"), "badge": "neutral"}, {"text": "<i>", "badge": "neutral"})
    assert (html.count("<i>"), html.count("&lt;i&gt;")) == (1, 1)

"""Notebooks are stored as they are committed, with all that a teacher wrote into them."""

import nbformat

from notebooks import execute


def test_what_differs_from_machine_to_machine_goes_and_what_a_teacher_wrote_stays():
    view = nbformat.v4.new_output("display_data", {execute.WIDGET: {"model_id": "x"}, "text/plain": "IntSlider()"})
    cell = nbformat.v4.new_code_cell("1", outputs=[view], execution_count=1)
    marks = {
        "nbgrader": {"grade_id": "a", "locked": True, "points": 2},
        "slideshow": {"slide_type": "skip"},
        "deletable": False,
        "jupyter": {"source_hidden": True},
        "tags": ["exercise"],
    }
    cell.metadata = nbformat.from_dict(marks | {"execution": {"iopub.status.busy": "2026-01-01"}, "ExecuteTime": {}})
    plain = nbformat.v4.new_markdown_cell("text", metadata={"tags": []})
    notebook = nbformat.v4.new_notebook(
        cells=[cell, plain],
        metadata={
            "widgets": {"state": {}},
            "language_info": {"name": "python", "version": "3.11.7"},
            "authors": ["A"],
            "colab": {"generative_ai_disabled": True},
        },
    )
    execute.tidy(notebook)
    assert cell.metadata == marks and plain.metadata == {}
    assert notebook.metadata.keys() == {"kernelspec", "language_info", "authors", "colab"}
    assert notebook.metadata.colab == {"generative_ai_disabled": True}
    assert notebook.metadata.language_info == {"name": "python"}
    assert cell.outputs[0].data == {"text/plain": "Run this cell to use the widget."}

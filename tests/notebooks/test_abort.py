"""A scenario that aborts its process leaves the kernel that asked for it alone."""

import nbformat
from nbclient import NotebookClient

CELLS = [
    "from labkit import Lab\nlab = Lab()\nkept = 41",
    "trace = lab.run('03-sync-and-async', runtime='41.0.0')\nprint(trace.steps[-1].outcome.describe())",
    "print(kept + 1)\nprint(lab.run('03-sync-and-async').steps[-1].outcome.describe())",
]


def test_a_kernel_goes_on_computing_after_a_scenario_has_aborted(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = [
        "".join(shown.text for shown in cell.outputs if shown.output_type == "stream" and shown.name == "stdout")
        for cell in notebook.cells
    ]
    assert printed == ["", "aborted the process: SIGABRT\n", "42\nreturned 5\n"]

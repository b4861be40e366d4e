"""JupyterLab in a container, as `labkit lab` sets it up on a machine of one's own."""

from pathlib import Path

import labkit

package = Path(labkit.__file__).parent
c = get_config()  # noqa: F821  # Jupyter gives it to this file

# Nothing is asked of the internet: no news, no updates, no list of extensions.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
# A repro that is double-clicked opens in a notebook.
c.LabApp.extra_labextensions_path = [str(package / "labextensions")]
c.LabApp.app_settings_dir = str(next(package.rglob("lab-settings")))
c.LabApp.default_url = "/lab/tree/labkit-notebooks/00-start-here.ipynb"

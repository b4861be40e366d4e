"""How JupyterLab is set up for this lab, whoever starts it."""

from __future__ import annotations

from labkit import resources

START = "00-start-here"


def lab_options() -> list[str]:
    """Command-line options of JupyterLab: quiet, with the lab's extension, and asking nothing of the internet.

    Each `--LabApp` option may be given once only: one given twice makes JupyterLab drop all of them.
    """
    return [
        # Nothing is asked of the internet: no news, no updates, no list of extensions.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # A repro that is double-clicked opens in a notebook; controls in outputs keep their keys.
        f"--LabApp.extra_labextensions_path={resources.PACKAGE / 'labextensions'}",
        f"--LabApp.app_settings_dir={resources.PACKAGE / 'lab-settings'}",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
    ]

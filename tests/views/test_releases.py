"""The table of releases: what is known of each without running it, and one that is damaged."""

from __future__ import annotations

from labkit.runtimes.release import RECORD, folder_of
from labkit.views import Releases


def test_a_release_says_what_it_does_where_releases_disagree(monkeypatch, tmp_path):
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    table = Releases(["50.0.1"])
    assert repr(table) == "1 Wasmtime release on this machine: 50.0.1"
    html = table._repr_html_()
    for said in ("this environment", "the store", "an error", "allowed"):
        assert said in html


def test_a_damaged_release_says_so_in_its_row(monkeypatch, tmp_path):
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path))
    folder_of("41.0.0").mkdir(parents=True)
    (folder_of("41.0.0") / RECORD).write_text("{")
    html = Releases(["41.0.0", "50.0.1"])._repr_html_()
    assert "The fetched Wasmtime 41.0.0 is damaged: its list of files cannot be read" in html
    assert html.count('<th scope="row">') == 2

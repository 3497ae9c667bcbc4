"""Where Prefect's UI is, for the links of other pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.serving.prefect_settings import ui_address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:4200/api", "http://127.0.0.1:4200"),
        ("http://127.0.0.1:4200/api/", "http://127.0.0.1:4200"),
        ("https://prefect.example.org/flows/api", "https://prefect.example.org/flows"),
        ("https://api.prefect.cloud/api/accounts/1/workspaces/2", None),
        ("http://user:secret@prefect.example.org/api", None),
        ("javascript:alert(1)//api", None),
        ("ftp://prefect.example.org/api", None),
        ("http://[/ x/api", None),
        ("http:///api", None),
        ("/api", None),
        ("", None),
    ],
)
def test_the_ui_is_that_of_a_server_of_ones_own(
    address: str, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_PROFILES_PATH", raising=False)
    monkeypatch.setenv("PREFECT_API_URL", address)
    assert ui_address() == expected


def test_or_of_the_active_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_PROFILE", raising=False)
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(tmp_path / "profiles.toml"))
    assert ui_address() is None
    (tmp_path / "profiles.toml").write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://127.0.0.1:1/api"\n')
    assert ui_address() == "http://127.0.0.1:1"

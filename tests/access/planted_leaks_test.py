"""Every planted leak still fits the sources; that each is caught, check_planted_leaks shows."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests" / "access" / "planted_leaks").glob("*.patch"))


def test_there_are_planted_leaks():
    assert len(PATCHES) >= 12


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_leak_fits_the_sources(patch):
    done = subprocess.run(["git", "apply", "--check", str(patch)], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, f"mend {patch.name}, it no longer applies:\n{done.stderr}"

"""What may be in the repository, and what may not."""

import re
from pathlib import Path

import pytest

from tests.house import coverage_page, requirements
from tests.house.sources import ROOT
from tests.waiting import run

# Written apart so that this file does not find itself.
REGISTRIES = re.compile(
    r"(registry\."
    r"npmjs|pypi\."
    r"org|files\.python"
    r"hosted|yarn"
    r"pkg\.com|cdn\.js"
    r"delivr|unp"
    r"kg\.com)"
)
LARGEST = 600_000  # the catalogues of texts are the largest
BINARY = {".png", ".ico", ".woff2", ".jpg", ".xlsx", ".pdf", ".gz"}


def committed() -> list[Path]:
    """Return the files under version control (or, in an unpacked archive, all but the generated ones)."""
    done = run(["git", "ls-files", "-z"], cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> dict[str, str]:
    files = [path for path in committed() if path.suffix not in BINARY]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="replace") for path in files}


def test_no_committed_file_names_a_package_registry() -> None:
    named = {name: found[0] for name, text in _texts().items() if (found := REGISTRIES.search(text))}
    assert not named


def test_no_committed_file_names_a_folder_of_some_machine() -> None:
    machine = re.compile(r"(?<![\w./])/(?:work|home/\w+|Users/\w+|root)/")
    named = {name: found[0] for name, text in _texts().items() if (found := machine.search(text))}
    assert not named


def test_no_committed_file_is_large() -> None:
    large = {
        str(path.relative_to(ROOT)): size for path in committed() if (size := path.stat().st_size) > LARGEST
    }
    assert not large, "Data of others stays outside; what is ours is small."


def test_no_file_of_the_shared_data_was_copied() -> None:
    data = ROOT.parent / "shared" / "data"
    ours = {path.name for path in committed()}
    theirs = {path.name for path in data.rglob("*") if path.is_file()} if data.is_dir() else set()
    assert not (ours & theirs) - {"README.md", "rules.yaml", "__init__.py"}


def test_the_requirements_are_in_step_and_carry_hashes() -> None:
    assert requirements.main() == 0


def test_every_marked_row_is_a_row_of_the_list() -> None:
    assert set(coverage_page.covered()) <= set(coverage_page.requirements())


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "README.en.md",
        "ARQUITECTURA.md",
        "GLOSARIO.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "NOTICE",
    ],
)
def test_the_house_has_its_papers(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 100


def test_links_between_our_papers_lead_somewhere() -> None:
    broken = []
    for path in committed():
        if path.suffix == ".md":
            for target in re.findall(
                r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8")
            ):
                if not (path.parent / target).exists():
                    broken.append(f"{path.relative_to(ROOT)} -> {target}")
    assert not broken

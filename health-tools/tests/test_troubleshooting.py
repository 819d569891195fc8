"""The troubleshooting page lists all that the doctor can say, in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from health_tools.doctor import checks, page
from health_tools.doctor.finding import Message

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"


def test_the_page_says_what_the_doctor_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page.render(text) == text, f"python -m health_tools.doctor.page {PAGE}"


def test_every_check_has_a_module_on_the_page() -> None:
    listed = {module for modules in page._MODULES.values() for module in modules}
    folder = Path(checks.__file__).parent
    assert {f.stem for f in folder.glob("[!_]*.py")} <= {
        module.__name__.rpartition(".")[2] for module in listed
    }


def test_what_is_not_well_has_a_remedy_and_what_is_has_none() -> None:
    messages = [
        message
        for modules in page._MODULES.values()
        for module in modules
        for message in vars(module).values()
        if isinstance(message, Message)
    ]
    assert len(messages) > 30
    assert [m for m in messages if bool(m.remedy) == (m.state == "ok")] == []


def test_a_page_without_its_places_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- doctor -->"):
        page.render("# Nothing")

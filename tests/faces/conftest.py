"""The bundled faces, read once."""

from __future__ import annotations

import pytest

from explorer.faces.folder import PeopleFolder, bundled_people
from explorer.faces.pipeline import FacePipeline, Reading


@pytest.fixture(scope="session")
def people() -> PeopleFolder:
    return bundled_people()


@pytest.fixture(scope="session")
def pipeline() -> FacePipeline:
    return FacePipeline()


@pytest.fixture(scope="session")
def readings(people: PeopleFolder, pipeline: FacePipeline) -> dict[str, list[Reading]]:
    """By name, in the order of the files."""
    found: dict[str, list[Reading]] = {}
    for index, person in enumerate(people.people):
        found.setdefault(people.names[person], []).append(pipeline.read(people.picture(index)))
    return found

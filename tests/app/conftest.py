"""The document that these tests work on."""

from __future__ import annotations

import pytest


@pytest.fixture
def document(spots_document):
    return spots_document

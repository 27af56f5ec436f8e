import shutil
from pathlib import Path

import pytest

SHIPPED = Path(__file__).resolve().parents[2] / "templates"


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped templates, to change."""
    shutil.copytree(SHIPPED / "en", tmp_path / "en")
    return tmp_path


@pytest.fixture
def write(folder):
    """Writes a template of the copy: one block a name, as in `negative_1 negative_2`."""

    def write_page(page, names):
        path = folder / f"{page}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        blocks = (f"{{% block {name} %}}{page} {name}{{% endblock %}}" for name in names.split())
        path.write_text("\n".join(blocks), encoding="utf-8")

    return write_page

"""Each setting is documented."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""env\.\w+\(\s*"([A-Z0-9_]+)"|environ(?:\.get)?[\[(]\s*"([A-Z0-9_]+)\"""")


def variables_read() -> set[str]:
    text = "".join(path.read_text() for path in sorted((ROOT / "findme").rglob("*.py")))
    return {a or b for a, b in READ.findall(text)}


def test_env_example_documents_exactly_the_variables_that_are_read():
    example = (ROOT / ".env.example").read_text()
    documented = set(re.findall(r"^#?\s?([A-Z0-9_]+)=", example, re.MULTILINE))
    ignored = {"DJANGO_SETTINGS_MODULE", "PATH"}
    assert variables_read() - ignored == documented

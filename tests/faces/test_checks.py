"""A missing or altered model is a clear error at the start, not a poor match later."""

import re
import subprocess
import sys

import pytest
from django.utils import timezone

from faces import checks
from faces.index.indexes import index_of
from faces.index.models import EventIndex
from faces.vision import backends, model_files


@pytest.mark.parametrize("problem", ["is missing", "was altered"])
def test_a_problem_with_a_model_is_an_error_that_says_what_to_do(monkeypatch, problem):
    monkeypatch.setattr(model_files, "problems", lambda models: [f"The face model x {problem}."])
    (error,) = checks.face_models_are_the_known_ones()
    assert error.id == "faces.E001"
    assert error.is_serious()
    assert problem in error.msg
    assert "pip install" in error.hint


def test_the_installed_models_pass():
    assert checks.face_models_are_the_known_ones() == []


def test_a_backend_that_is_not_there_is_an_error(settings):
    assert checks.face_backend_is_installed() == []
    settings.FACE_BACKEND = "abacus"
    (error,) = checks.face_backend_is_installed()
    assert (error.id, "abacus" in error.msg) == ("faces.E006", True)
    (finding,) = checks.face_engine()
    assert (finding.wrong, "abacus" in finding.text) == (True, True)


@pytest.mark.engine
def test_doctor_says_what_recognizes_faces_and_how_fast():
    (finding,) = checks.face_engine()
    assert not finding.wrong
    assert backends.chosen().name in finding.text
    assert re.search(r" [1-9]\d* ms to find the faces .* [1-9]\d* ms to describe", finding.text)


def test_the_web_server_does_not_load_what_only_looks_at_faces():
    source = "import findme.wsgi, sys; print('openvino' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr


def test_an_unknown_index_is_an_error(settings):
    for unknown in ("psychic", "no.such.Index"):
        settings.FACE_INDEX = unknown
        (error,) = checks.face_index_is_known()
        assert unknown in error.msg
        assert checks.face_index_is_configured() == []
    settings.FACE_INDEX = "local"
    assert checks.face_index_is_known() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("REKOGNITION_REGION", "", "faces.E003"),
        ("REKOGNITION_COLLECTION_PREFIX", "no spaces", "faces.E004"),
        ("REKOGNITION_CALLS_PER_SECOND", 0, "faces.E005"),
        ("REKOGNITION_ANCHORS", -1, "faces.E007"),
    ],
)
def test_a_wrong_setting_of_rekognition_is_an_error_where_it_is_used(settings, name, value, code):
    settings.REKOGNITION_REGION = "eu-west-1"
    setattr(settings, name, value)
    assert checks.face_index_is_configured() == []
    settings.FACE_INDEX = "rekognition"
    assert [error.id for error in checks.face_index_is_configured()] == [code]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["local", "third"])
def test_an_event_of_another_model_is_a_warning(event, settings, third_index, kind):
    settings.FACE_INDEX = kind
    row = index_of(event).row
    assert checks.local_indexes_have_the_installed_model() == []
    row.model_version = "older"
    row.save()
    (warning,) = checks.local_indexes_have_the_installed_model()
    assert (warning.id, event.slug in warning.msg) == ("faces.W001", True)
    assert warning.hint == f"Run: manage.py reindex_event {event.slug} --index {kind}"


@pytest.mark.django_db
@pytest.mark.rekognition
def test_no_service_is_asked_for_its_model(event, rekognition):
    row = index_of(event).row
    EventIndex.objects.filter(pk=row.pk).update(model_version="older", made_at=timezone.now())
    assert checks.local_indexes_have_the_installed_model() == []
    assert not rekognition.requests

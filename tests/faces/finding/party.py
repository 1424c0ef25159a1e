"""Made-up people of templates, and an event that they come to, with no picture of any."""

from __future__ import annotations

import numpy as np

from faces.finding import matching, recognition
from faces.finding.recognition import Limits, Said
from faces.index.contract import Templates
from faces.index.indexes import index_of
from faces.models import FaceMatch
from tests.builders import (
    add_member,
    consent,
    make_enrollment,
    make_face,
    make_photo,
    make_scan,
    make_selfie,
    make_user,
)

LIMITS = Limits(0.44)


def unit(vector):
    return vector / np.linalg.norm(vector)


class Cast:
    """People as random directions; a picture of somebody has a given cosine with who they are."""

    def __init__(self, seed=1):
        self.chance = np.random.default_rng(seed)
        self.faces = []
        self.photos = 0

    def person(self, like=None, cosine=0.0):
        fresh = unit(self.chance.normal(size=128))
        return fresh if like is None else self.near(like, cosine)

    def near(self, vector, cosine):
        """A random unit vector at exactly this cosine."""
        aside = self.chance.normal(size=128)
        aside = unit(aside - (aside @ vector) * vector)
        return cosine * vector + (1 - cosine**2) ** 0.5 * aside

    def add(self, vector, photo=None):
        """A face of one's own photo, or in one that is there. Its id."""
        if photo is None:
            photo = self.photos
            self.photos += 1
        self.faces.append((photo, vector))
        return len(self.faces) - 1

    def shoot(self, person, count, cosine=0.8):
        return [self.add(self.near(person, cosine)) for _ in range(count)]

    def templates(self):
        if not self.faces:
            return Templates.none(128)
        photos, vectors = zip(*self.faces, strict=True)
        return Templates(np.arange(len(photos)), np.array(photos), np.stack(vectors))

    def recognize(self, *selfies, said=None, limits=LIMITS, faces=None):
        faces = self.templates() if faces is None else faces
        run = recognition.recognize(np.stack(selfies), limits, said or Said())
        query = next(run)
        while True:
            found = faces.narrowed(faces.vectors @ query.vector >= query.at_least - 0.001)
            try:
                query = run.send(found)
            except StopIteration as end:
                return end.value


class Party:
    """Guests and photos of a cast, brought into an event one by one."""

    def __init__(self, event, seed=3, guests=3, photos=15):
        self.event, self.index = event, index_of(event)
        cast = Cast(seed)
        people = [cast.person() for _ in range(guests + 2)]
        people[1] = cast.person(like=people[0], cosine=0.55)  # sisters
        self.selfies = {
            i: [cast.near(people[i], 0.75) for _ in range(1 + i % 2)] for i in range(guests)
        }
        self.photos = [
            [
                cast.near(people[i], cast.chance.uniform(0.4, 0.9))
                for i in cast.chance.choice(len(people), 3, replace=False)
            ]
            for _ in range(photos)
        ]
        self.users = {}

    def enroll(self, i):
        user = self.users[i] = make_user(f"Guest{i}")
        add_member(self.event, user)
        consent(user, self.event)
        for n, vector in enumerate(self.selfies[i]):
            selfie = make_selfie(user, sha256=f"{i}{n}".zfill(64))
            make_enrollment(selfie, self.event, template=vector)
        with matching.matching(self.event.pk, with_others=False):
            matching.match_guests(self.event, self.index, [user.pk])

    def publish(self, i):
        photo = make_photo(self.event, name=f"{i}.jpg")
        make_scan(photo, state="done", face_count=len(self.photos[i]))
        for n, vector in enumerate(self.photos[i]):
            make_face(photo, template=vector, left=0.1 + n / 4)
        with matching.matching(self.event.pk, with_others=True):
            matching.match_photo(self.event, self.index, photo.pk)

    def bring(self, order):
        for kind, i in order:
            (self.enroll if kind == "guest" else self.publish)(i)

    def everything(self):
        return [("guest", i) for i in self.selfies] + [
            ("photo", i) for i in range(len(self.photos))
        ]

    def matches(self):
        numbers = {user.pk: i for i, user in self.users.items()}
        rows = FaceMatch.objects.values_list(
            "user", "photo__name", "face__left", "band", "similarity"
        )
        return sorted((numbers[u], p, f, b, round(s, 4)) for u, p, f, b, s in rows)

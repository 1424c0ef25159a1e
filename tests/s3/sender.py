"""The browser's part of an upload straight to the bucket."""

import requests
from django.urls import reverse

from photos.models import Photo
from photos.store import emptying
from tests.fakes import picture

ORIGIN = "http://testserver"
DATA = picture([1])


class Sender:
    """Does what @uppy/aws-s3 does with `companionEndpoint`."""

    def __init__(self, client, event, origin=ORIGIN):
        self.client, self.event, self.headers = client, event, {"origin": origin}

    def address(self, name, *args, key=""):
        return reverse(name, args=[self.event.slug, *args]) + (f"?key={key}" if key else "")

    def post(self, address, data):
        return self.client.post(
            address, data, content_type="application/json", headers=self.headers
        )

    def begin(self, size, name="a.jpg", **metadata):
        asked = {"filename": name, "type": "image/jpeg", "metadata": {"size": str(size)} | metadata}
        return self.post(self.address("direct_begin"), asked)

    def send(self, begun, data, number=1):
        address = self.address("direct_part", begun["uploadId"], number, key=begun["key"])
        return requests.put(self.client.get(address).json()["url"], data=data)

    def complete(self, begun, *etags):
        parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
        address = self.address("direct_complete", begun["uploadId"], key=begun["key"])
        return self.post(address, {"parts": parts})

    def upload(self, data, *, size=None, **metadata):
        """The whole way; the answer to `complete`."""
        begun = self.begin(len(data) if size is None else size, **metadata).json()
        sent = self.send(begun, data)
        return self.complete(begun, sent.headers["ETag"]).json()


def no_photo_and_soon_no_object(keys):
    emptying.drain()
    return not Photo.objects.exists() and keys() == set()

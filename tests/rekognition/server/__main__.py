"""`python -m tests.rekognition.server`: see `command`."""

from tests.rekognition.server.command import main

main()

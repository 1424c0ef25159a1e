"""The eyes: finding and describing faces in pixels. No rows."""

import sys

# On import OpenVINO tells Google Analytics so, from its tools for converting models, which nobody
# here uses. It does without them where they cannot be imported. This must come before any import
# of it, so it stands where every module of the package passes.
for unwanted in ("openvino_telemetry", "openvino.tools.ovc"):
    sys.modules.setdefault(unwanted, None)  # type: ignore[arg-type]

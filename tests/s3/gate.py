"""A gate before moto's S3: what moto lets pass, this refuses as AWS does.

moto accepts tampered and expired addresses. The gate recomputes every signature (version 4, in the
address or in the header) with botocore, enforces expiry, and can be told to have a bad day.
"""

from __future__ import annotations

import datetime as dt
import threading
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY_ID, SECRET = "testing", "testing-secret"
REGION = "eu-central-1"
ACCOUNT = "123456789012"  # moto's


class Refused(Exception):
    def __init__(self, status: str, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Quiet(WSGIRequestHandler):
    def log(self, *args: Any, **kwargs: Any) -> None:
        pass


class Gate:
    """`bad_day` is asked before each request and may raise `Refused`, wait, or act.

    `under_way` are requests that have come and are not answered, also of senders that are dead.
    """

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.requests: list[str] = []
        self.is_public = False
        self.under_way = 0
        self._counting = threading.Lock()
        self.bad_day: Callable[[str], None] = lambda request: None
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __call__(self, env: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self._count(1)
        try:
            return self._answer(env, start)
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._counting:
            self.under_way += change

    def _answer(self, env: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start = self._with_cors(env, start)
        try:
            self.requests.append(f"{env['REQUEST_METHOD']} {env['RAW_URI']}")
            self.bad_day(self.requests[-1])
            if env["REQUEST_METHOD"] == "OPTIONS":  # browsers ask unsigned whether they may
                return self._preflight(env, start)
            if not (self.is_public and env["REQUEST_METHOD"] == "GET" and not _is_signed(env)):
                _check(env)
        except Refused as refused:
            env["wsgi.input"].read(int(env.get("CONTENT_LENGTH") or 0))
            body = f"<Error><Code>{refused.code}</Code><Message>no</Message></Error>".encode()
            start(refused.status, [("Content-Type", "application/xml")])
            return [b"" if env["REQUEST_METHOD"] == "HEAD" else body]
        if not _is_signed(env):
            start("200 OK", [])
            return [b"public"]
        return self._app(env, start)

    def _preflight(self, env: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """By the bucket's rules; moto alone allows everything."""
        if not _cors(env, env["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]):
            raise Refused("403 Forbidden", "AccessForbidden")
        start("200 OK", [])
        return [b""]

    def _with_cors(self, env: dict[str, Any], start: Callable[..., Any]) -> Callable[..., Any]:
        """Answers carry what the bucket's rules allow, not what moto's server does."""
        asked = env.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", env["REQUEST_METHOD"])

        def answer(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            kept = [pair for pair in headers if not pair[0].lower().startswith("access-control-")]
            return start(status, kept + _cors(env, asked), *args)

        return answer


def _cors(env: dict[str, Any], method: str) -> list[tuple[str, str]]:
    """The headers by which a bucket lets a browser's page in; none where it does not."""
    origin, name = env.get("HTTP_ORIGIN", ""), env["PATH_INFO"].split("/")[1]
    bucket = get_backend("s3")[ACCOUNT]["aws"].buckets.get(name)
    for rule in bucket.cors if bucket and origin else []:
        if origin in rule.allowed_origins and method in rule.allowed_methods:
            exposed = ", ".join(rule.exposed_headers or [])
            return [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Methods", method),
                ("Access-Control-Allow-Headers", "*"),
                *([("Access-Control-Expose-Headers", exposed)] if exposed else []),
            ]
    return []


def _is_signed(env: dict[str, Any]) -> bool:
    return "X-Amz-Signature=" in env.get("QUERY_STRING", "") or "HTTP_AUTHORIZATION" in env


def _check(env: dict[str, Any]) -> None:
    query = urllib.parse.parse_qs(env.get("QUERY_STRING", ""))
    if "X-Amz-Signature" in query:
        _check_address(env, {name: values[0] for name, values in query.items()})
    elif env.get("HTTP_AUTHORIZATION", "").startswith("AWS4-HMAC-SHA256 "):
        _check_header(env)
    else:
        raise Refused("403 Forbidden", "AccessDenied")


def _check_address(env: dict[str, Any], query: dict[str, str]) -> None:
    signed_at = dt.datetime.strptime(f"{query['X-Amz-Date']}+0000", "%Y%m%dT%H%M%SZ%z")
    age = dt.datetime.now(dt.UTC) - signed_at
    seconds = int(query["X-Amz-Expires"])
    if not dt.timedelta(minutes=-15) <= age <= dt.timedelta(seconds=seconds):
        raise Refused("403 Forbidden", "AccessDenied")
    kept = [p for p in env["QUERY_STRING"].split("&") if not p.startswith("X-Amz-Signature=")]
    region = _region(query["X-Amz-Credential"])
    auth = S3SigV4QueryAuth(Credentials(KEY_ID, SECRET), "s3", region, seconds)
    names = query["X-Amz-SignedHeaders"].split(";")
    request = _request(env, names, "&".join(kept), query["X-Amz-Date"])
    _compare(auth, request, query["X-Amz-Signature"])


def _check_header(env: dict[str, Any]) -> None:
    fields = dict(
        part.strip().split("=", 1)
        for part in env["HTTP_AUTHORIZATION"].removeprefix("AWS4-HMAC-SHA256 ").split(",")
    )
    auth = S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", _region(fields["Credential"]))
    names = fields["SignedHeaders"].split(";")
    request = _request(env, names, env.get("QUERY_STRING", ""), env["HTTP_X_AMZ_DATE"])
    _compare(auth, request, fields["Signature"])


def _region(credential: str) -> str:
    key_id, _, region = credential.split("/")[:3]
    if key_id != KEY_ID:
        raise Refused("403 Forbidden", "InvalidAccessKeyId")
    if region != REGION:
        raise Refused("400 Bad Request", "AuthorizationHeaderMalformed")
    return region


def _request(env: dict[str, Any], names: list[str], query: str, date: str) -> AWSRequest:
    path = env["RAW_URI"].split("?")[0]
    headers = {name: _header(env, name) for name in names}
    url = f"http://{env['HTTP_HOST']}{path}?{query}"
    request = AWSRequest(env["REQUEST_METHOD"], url, headers=headers)
    request.context["timestamp"] = date
    return request


def _header(env: dict[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    return env.get(f"HTTP_{key}") or env.get(key, "")


def _compare(auth: Any, request: AWSRequest, signature: str) -> None:
    ours = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    if ours != signature:
        raise Refused("403 Forbidden", "SignatureDoesNotMatch")

"""Webhook ingress and health: verify, store, answer 2xx; the work itself is a job."""

import hmac
import threading
from collections.abc import Callable
from uuid import UUID

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kopru.flows.connections import open_connection
from kopru.flows.env import Env, Lease, Work
from kopru.flows.records import Lane, NewJob
from kopru.hooks import ports
from kopru.hooks.errors import AuthError, ConnectorError, Rejected
from kopru.hooks.types import Raw, WebhookEvent, WebhookRequest
from kopru.storage.faults import DatabaseError

LARGEST_BODY = 5_000_000
Find = Callable[[UUID], tuple[UUID, str] | None]
"""Returns (tenant, webhook secret) of a connection."""

log = structlog.get_logger()


def make_app(env: Env, find: Find) -> Starlette:
    """Return the web application of one installation."""

    async def receive(request: Request) -> Response:
        place = (request.path_params["connection"], request.path_params["secret"])
        found = await run_in_threadpool(_verified, find, *place)
        if found is None:
            return JSONResponse({"error": "unknown"}, 404)
        body = await _body(request)
        if body is None:
            return JSONResponse({"error": "body too large"}, 413)
        return await run_in_threadpool(_receive, env, found, request, body)

    async def health(request: Request) -> Response:
        return await run_in_threadpool(_health, env)

    routes = [
        Route("/in/{connection}/{secret}", receive, methods=["POST"]),
        Route("/in/{connection}/{secret}/{path:path}", receive, methods=["POST", "PUT"]),
        Route("/health", health, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={DatabaseError: _unavailable})


def serve(env: Env, find: Find, host: str, port: int, stopping: threading.Event) -> None:
    """Answer until told to stop."""
    config = uvicorn.Config(make_app(env, find), host=host, port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    while thread.is_alive() and not stopping.wait(0.2):
        pass
    server.should_exit = True
    thread.join(timeout=20)


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _receive(env: Env, found: tuple[UUID, UUID], request: Request, body: bytes) -> Response:
    tenant_id, connection_id = found
    work = Work(env, tenant_id, {}, Lease(None), actor="webhook")
    incoming = WebhookRequest(
        headers={key.lower(): value for key, value in request.headers.items()},
        body=body,
        query=dict(request.query_params),
        method=request.method,
        path=_below(request),
    )
    try:
        events = _parse(work, connection_id, incoming)
    except AuthError:
        return JSONResponse({"error": "not verified"}, 401)
    except Rejected as error:
        return JSONResponse({"error": error.code}, 400)
    except ConnectorError as error:
        log.warning("webhook.failed", code=error.code, detail=error.detail[:300])
        return JSONResponse({"error": error.code}, 503)
    _store(work, connection_id, events, incoming)
    return _thanks(incoming, len(events))


def _below(request: Request) -> str:
    path = request.path_params.get("path")
    return f"/{path}" if path else ""


def _thanks(incoming: WebhookRequest, stored: int) -> Response:
    """Say that a call was taken; who calls several addresses below ours expects the statuses of REST."""
    if incoming.method == "PUT":
        return Response(status_code=204)
    return JSONResponse({"stored": stored}, 201 if incoming.path else 200)


def _parse(work: Work, connection_id: UUID, incoming: WebhookRequest) -> tuple[WebhookEvent, ...]:
    """Let the plugin verify and read a call, in any state of the connection: its jobs wait if they must.

    A forged call says nothing about our own login, so that it is not the flows' ``call``.
    """
    opened = open_connection(work, connection_id, seconds=5.0, any_state=True)
    return opened.use(ports.ParsesWebhook).parse_webhook(opened.ctx, incoming)


def _verified(find: Find, connection: str, secret: str) -> tuple[UUID, UUID] | None:
    """Return (tenant, connection); unknown connections and wrong secrets look alike from outside."""
    try:
        connection_id = UUID(connection)
    except ValueError:
        return None
    found = find(connection_id)
    if found is None or not hmac.compare_digest(found[1].encode(), secret.encode()):
        return None
    return found[0], connection_id


def _store(
    work: Work, connection_id: UUID, events: tuple[WebhookEvent, ...], incoming: WebhookRequest
) -> None:
    """Store what is new, as it came, with the job that reads the record itself."""
    raw = Raw(incoming.body, incoming.headers.get("content-type", "application/octet-stream"))
    with work.write() as uow:
        for event in events:
            if uow.connections.seen_webhook(connection_id, event.event_id, event.kind, event.external_id):
                uow.payloads.put(connection_id, "webhook", [(event.event_id, raw)])
                uow.jobs.add(_refetch(connection_id, event))


def _refetch(connection_id: UUID, event: WebhookEvent) -> NewJob:
    args = {"connection": str(connection_id), "kind": event.kind, "external_id": event.external_id}
    key = f"order.refetch:{connection_id}:{event.external_id}"
    return NewJob("order.refetch", args, key, Lane.INTERACTIVE, connection_id=connection_id)


def _unavailable(request: Request, error: Exception) -> Response:
    """Answer so that the sender tries again."""
    log.warning("webhook.database", error=str(error)[:300])
    return JSONResponse({"error": "unavailable"}, 503)


def _health(env: Env) -> Response:
    try:
        env.store.allowed()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not healthy"
        return JSONResponse({"status": "down", "error": type(error).__name__}, 503)
    return JSONResponse({"status": "up"})

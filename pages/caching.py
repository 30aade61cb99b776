"""Caching: pages in browsers, and the practice's rows within one request."""

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

P = ParamSpec("P")
T = TypeVar("T")

# --- pages in browsers ---


def cacheable_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let browsers keep a public page but revalidate it each time; 304 while it is unchanged."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = view(request, *args, **kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if response.status_code != 200:
            return response
        patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        answer = get_conditional_response(request, etag=etag, response=response)
        return answer if isinstance(answer, HttpResponse) else response

    return wrapper


# --- rows within one request ---

# None outside a request: the worker, commands and tests always read the database. Each thread has
# its own value, and so has each asyncio task.
_request_cache: ContextVar[dict[object, object] | None] = ContextVar("request_cache", default=None)

_Execute = Callable[[str, object, bool, dict[str, object]], object]


class RequestCacheMiddleware:
    """Open a cache for `once_per_request` functions, and drop it with the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request_cache.set({})
        try:
            with connection.execute_wrapper(_close_cache_on_write):
                return self.get_response(request)
        finally:
            _request_cache.reset(token)


def once_per_request(load: Callable[[], T]) -> Callable[[], T]:
    """Call `load` at most once per request; outside a request, every time.

    The result is shared: callers must not change it. A request that writes any row of `pages`
    caches nothing from then on, so it sees its own change, and its rollback too.
    """

    @wraps(load)
    def wrapper() -> T:
        cache = _request_cache.get()
        if cache is None:
            return load()
        if load not in cache:
            cache[load] = load()
        return cast("T", cache[load])

    return wrapper


def _close_cache_on_write(
    execute: _Execute, sql: str, params: object, many: bool, context: dict[str, object]
) -> object:
    # At the SQL rather than by signals: update() and bulk_create() send none.
    if _request_cache.get() is not None and '"pages_' in sql and not sql.startswith("SELECT"):
        _request_cache.set(None)
    return execute(sql, params, many, context)

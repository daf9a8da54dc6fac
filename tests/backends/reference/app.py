"""Reference backend: the five endpoints of the original package's document, plus faults and counters.

Contract (defaults):
  POST /auth/register {email, password[, name]}  -> 201 user            | 409 duplicate | 422 validation
  POST /auth/login    {email, password}          -> 200 token pair      | 401 | 422
  POST /auth/refresh  {refresh_token}            -> 200 new token pair  | 401 (unknown, expired, revoked, reused)
  GET  /auth/me       Authorization: Bearer      -> 200 user            | 401
  POST /auth/logout   {refresh_token}            -> 200 (also for an unknown token: idempotent)

Access token: HS256 JWT. Refresh token: opaque, rotated at every use; presenting a token that
was already rotated revokes its whole family (every descendant of that login).

Everything under /_ is for tests and is neither counted nor faulted.
"""
import asyncio
import hashlib
import hmac
import os
import random
import re
import secrets
import socket
import sqlite3
import struct
import sys
import threading
import time
import warnings

import jwt
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, field_validator
from uvicorn.protocols.http.h11_impl import H11Protocol


warnings.filterwarnings("ignore", message=".*HMAC key.*")   # the original's secret is short


def env(name, default, kind=str):
    v = os.environ.get(name)
    return kind(v) if v not in (None, "") else default


SECRET = env("REF_SECRET", "jwt-secret-to-change")   # the original package's document's default
ACCESS_TTL = env("LAB_ACCESS_TTL", 1800, int)
REFRESH_TTL = env("LAB_REFRESH_TTL", 7 * 86400, int)
REUSE_GRACE = env("REF_REUSE_GRACE_S", 0.0, float)   # >0: a token rotated less than this long ago may be used again
ROTATE = env("REF_ROTATE", 1, int)                   # 0: refresh returns the same refresh token
STRICT = env("REF_STRICT_SESSIONS", 0, int)          # 1: /me also fails once the family is revoked
HASH_ROUNDS = env("REF_HASH_ROUNDS", 20000, int)
DB = env("REF_DB", ":memory:")

# ---------------------------------------------------------------- faults
# Every knob can come from the environment (REF_<NAME>) or, at run time, from PUT /_faults {"<name>": value}.
FAULT_DEFAULTS = {
    "on": "*",                # endpoints the faults apply to: "*" or "login,refresh,me,..."
    "latency_ms": 0,          # wait before handling
    "latency_jitter_ms": 0,   # plus uniform 0..N
    "error_rate": 0.0,        # answer error_status without handling
    "error_status": 500,
    "error_body": "json",     # json | html | empty
    "error_retry_after": "",  # a Retry-After value to send with it
    "reset_rate": 0.0,        # TCP RST without handling
    "hang_rate": 0.0,         # never answer
    "lost_rate": 0.0,         # handle, then TCP RST instead of the answer (a rotation the client never sees)
    "malformed_rate": 0.0,    # handle, then cut the JSON in half
    "wrong_type_rate": 0.0,   # handle, then 200 text/html instead of JSON
    "truncate_rate": 0.0,     # handle, announce the full Content-Length, send half, close
    "slow_body_ms": 0,        # spread the body over this time, in small pieces
    "huge_body_bytes": 0,     # pad the (valid) JSON with this many bytes
    "every": 0,               # N>0: rates are ignored, a set rate fires on each Nth call of that endpoint
    "refresh_fail": "",       # error | reset | hang | lost | malformed | 401: what the next refreshes do ...
    "refresh_fail_times": 1,  # ... how many of them
    "clock_skew_s": 0,        # the backend's clock is this far ahead of ours (negative: behind)
}
FAULTS = {k: env("REF_" + k.upper(), v, type(v)) for k, v in FAULT_DEFAULTS.items()}
RNG = random.Random(env("REF_SEED", 1, int))


def now():
    return time.time() + FAULTS["clock_skew_s"]


# ---------------------------------------------------------------- counters
STATS_LOCK = threading.Lock()
STATS = {}


def reset_stats():
    with STATS_LOCK:
        STATS.clear()
        STATS.update({
            "since": time.time(),
            "endpoints": {},
            "refresh": {"ok": 0, "invalid": 0, "expired": 0, "reused": 0, "graced": 0,
                        "families_revoked": 0, "duplicate_presentations": 0},
        })
        PRESENTED.clear()


PRESENTED = {}   # sha256 of a refresh token -> times presented at /auth/refresh
reset_stats()


def endpoint_stats(name):
    return STATS["endpoints"].setdefault(
        name, {"calls": 0, "status": {}, "faults": {}, "in_flight": 0, "max_in_flight": 0})


# ---------------------------------------------------------------- storage
db = sqlite3.connect(DB, check_same_thread=False, isolation_level=None)
db_lock = threading.Lock()
db.executescript("""
  pragma journal_mode=wal;
  create table if not exists users(id integer primary key, email text unique not null, name text,
                                   password blob not null, created_at real not null);
  create table if not exists refresh(hash text primary key, family text not null, user_id integer not null,
                                     expires real not null, used_at real, revoked integer not null default 0);
  create index if not exists refresh_family on refresh(family);
""")


def hash_password(pw, salt=None):
    salt = salt or secrets.token_bytes(16)
    return salt + hashlib.pbkdf2_hmac("sha256", pw.encode(), salt, HASH_ROUNDS)


DUMMY = hash_password("dummy")


def check_password(pw, stored):
    return hmac.compare_digest(hash_password(pw, stored[:16]), stored)


def sha(tok):
    return hashlib.sha256(tok.encode()).hexdigest()


def user_json(row):
    return {"id": row[0], "email": row[1], "name": row[2],
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(row[4]))}


ISSUED = []   # every token given out, so that a test can look for them where they must not be


def issue(user, family=None, refresh_token=None):
    """A token pair; call with db_lock held."""
    family = family or secrets.token_hex(8)
    t = int(now())
    access = jwt.encode({"sub": str(user[0]), "email": user[1], "type": "access", "sid": family,
                         "iat": t, "exp": t + ACCESS_TTL, "jti": secrets.token_hex(8)}, SECRET, algorithm="HS256")
    if refresh_token is None:
        refresh_token = secrets.token_urlsafe(32)
        db.execute("insert into refresh values(?,?,?,?,null,0)",
                   (sha(refresh_token), family, user[0], now() + REFRESH_TTL))
    ISSUED.extend([access, refresh_token])
    return {"access_token": access, "refresh_token": refresh_token, "token_type": "bearer",
            "expires_in": ACCESS_TTL}


# ---------------------------------------------------------------- API
app = FastAPI(title="vestibule reference backend", docs_url=None, redoc_url=None)


class Credentials(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(min_length=1, max_length=1024)

    @field_validator("email")
    @classmethod
    def looks_like_email(cls, v):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", v):
            raise ValueError("value is not a valid email address")
        return v.lower()


class NewUser(Credentials):
    password: str = Field(min_length=8, max_length=1024)
    name: str | None = Field(default=None, max_length=100)


class RefreshBody(BaseModel):
    refresh_token: str


def unauthorized(detail):
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})


@app.post("/auth/register", status_code=201)
def register(body: NewUser):
    pw = hash_password(body.password)
    with db_lock:
        try:
            cur = db.execute("insert into users(email,name,password,created_at) values(?,?,?,?)",
                             (body.email, body.name, pw, now()))
        except sqlite3.IntegrityError:
            raise HTTPException(409, "Email already registered")
        return user_json(db.execute("select * from users where id=?", (cur.lastrowid,)).fetchone())


@app.post("/auth/login")
def login(body: Credentials):
    with db_lock:
        user = db.execute("select * from users where email=?", (body.email,)).fetchone()
    if not check_password(body.password, user[3] if user else DUMMY) or not user:
        raise unauthorized("Incorrect email or password")
    with db_lock:
        return issue(user)


@app.post("/auth/refresh")
def refresh(body: RefreshBody):
    h, st = sha(body.refresh_token), STATS["refresh"]
    with db_lock:
        PRESENTED[h] = PRESENTED.get(h, 0) + 1
        st["duplicate_presentations"] += PRESENTED[h] > 1
        row = db.execute("select family,user_id,expires,used_at,revoked from refresh where hash=?", (h,)).fetchone()
        if not row:
            st["invalid"] += 1
            raise unauthorized("Invalid refresh token")
        family, user_id, expires, used_at, revoked = row
        graced = used_at is not None and not revoked and now() - used_at < REUSE_GRACE
        if used_at is not None and not graced:
            if not revoked:
                db.execute("update refresh set revoked=1 where family=?", (family,))
                st["families_revoked"] += 1
            st["reused"] += 1
            raise unauthorized("Refresh token reuse detected")
        if revoked:
            st["invalid"] += 1
            raise unauthorized("Invalid refresh token")
        if expires < now():
            st["expired"] += 1
            raise unauthorized("Refresh token expired")
        user = db.execute("select * from users where id=?", (user_id,)).fetchone()
        if ROTATE:
            db.execute("update refresh set used_at=coalesce(used_at,?) where hash=?", (now(), h))
        st["ok"] += 1
        st["graced"] += graced
        return issue(user, family, None if ROTATE else body.refresh_token)


@app.get("/auth/me")
def me(authorization: str | None = Header(default=None)):
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Not authenticated")
    try:
        c = jwt.decode(token, SECRET, algorithms=["HS256"],
                       options={"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False})
    except jwt.PyJWTError:
        raise unauthorized("Could not validate credentials")
    if c.get("type") != "access":
        raise unauthorized("Could not validate credentials")
    if c["exp"] <= now():
        raise unauthorized("Token has expired")
    with db_lock:
        user = db.execute("select * from users where id=?", (int(c["sub"]),)).fetchone()
        dead = STRICT and not db.execute("select 1 from refresh where family=? and revoked=0", (c["sid"],)).fetchone()
    if not user or dead:
        raise unauthorized("Could not validate credentials")
    return user_json(user)


@app.post("/auth/logout")
def logout(body: RefreshBody):
    with db_lock:
        row = db.execute("select family from refresh where hash=?", (sha(body.refresh_token),)).fetchone()
        if row:
            db.execute("update refresh set revoked=1 where family=?", row)
    return {"message": "Logged out"}


# ---------------------------------------------------------------- test controls
@app.get("/_health")
def health():
    return {"ok": True}


@app.get("/_stats")
def stats():
    with STATS_LOCK:
        return {**STATS, "uptime_s": round(time.time() - STATS["since"], 3)}


@app.get("/_issued")
def issued():
    return ISSUED


@app.post("/_stats/reset")
def stats_reset():
    reset_stats()
    return {"ok": True}


@app.get("/_faults")
def faults_get():
    return FAULTS


@app.put("/_faults")
async def faults_put(request: Request):
    """Sets the knobs named; {} clears them all. «refresh_fail_times» counts down."""
    new = await request.json()
    bad = [k for k in new if k not in FAULT_DEFAULTS]
    if bad:
        return JSONResponse({"unknown": bad}, 400)
    if not new:
        FAULTS.update(FAULT_DEFAULTS)
    FAULTS.update({k: type(FAULT_DEFAULTS[k])(v) for k, v in new.items()})
    return FAULTS


@app.post("/_revoke_all")
def revoke_all():
    """An administrator ends every session."""
    with db_lock:
        db.execute("update refresh set revoked=1")
    return {"ok": True}


# ---------------------------------------------------------------- fault layer
SOCKETS = {}   # (host, port) of the client -> transport, so that a fault can reset the connection


class LabProtocol(H11Protocol):
    def connection_made(self, transport):
        super().connection_made(transport)
        self.lab_peer = transport.get_extra_info("peername")[:2]
        SOCKETS[self.lab_peer] = transport

    def connection_lost(self, exc):
        SOCKETS.pop(getattr(self, "lab_peer", None), None)
        super().connection_lost(exc)


def reset_connection(scope):
    t = SOCKETS.get(tuple(scope["client"]))
    if t:
        s = t.get_extra_info("socket")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        t.abort()


class FaultLayer:
    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            return await self.inner(scope, receive, send)
        name = scope["path"].rsplit("/", 1)[-1] if scope["path"].startswith("/auth/") else "other"
        with STATS_LOCK:
            st = endpoint_stats(name)
            st["calls"] += 1
            st["in_flight"] += 1
            st["max_in_flight"] = max(st["max_in_flight"], st["in_flight"])
            n = st["calls"]
        try:
            await self.handle(scope, receive, send, name, n, st)
        finally:
            with STATS_LOCK:
                st["in_flight"] -= 1

    async def handle(self, scope, receive, send, name, n, st):
        f = dict(FAULTS)
        active = f["on"] == "*" or name in f["on"].split(",")

        def note(what):
            with STATS_LOCK:
                st["faults"][what] = st["faults"].get(what, 0) + 1

        def fires(what):
            rate = f[what + "_rate"] if active else 0
            hit = rate > 0 and (n % f["every"] == 0 if f["every"] else RNG.random() < rate)
            if hit or forced == what:
                note(what)
                return True
            return False

        forced = None
        if name == "refresh" and f["refresh_fail"] and FAULTS["refresh_fail_times"] > 0:
            FAULTS["refresh_fail_times"] -= 1
            forced = f["refresh_fail"]

        async def reply(status, body, ctype, extra=()):
            with STATS_LOCK:
                st["status"][str(status)] = st["status"].get(str(status), 0) + 1
            await send({"type": "http.response.start", "status": status,
                        "headers": [(b"content-type", ctype), (b"content-length", str(len(body)).encode()), *extra]})
            await send({"type": "http.response.body", "body": body})

        if active and (f["latency_ms"] or f["latency_jitter_ms"]):
            note("latency")
            await asyncio.sleep((f["latency_ms"] + RNG.random() * f["latency_jitter_ms"]) / 1000)
        if fires("hang"):
            while (await receive())["type"] != "http.disconnect":   # until the client gives up
                pass
            return
        if fires("reset"):
            return reset_connection(scope)
        if forced == "401":
            note("401")
            return await reply(401, b'{"detail":"Invalid refresh token"}', b"application/json")
        if fires("error"):
            body, ctype = {"json": (b'{"detail":"Internal Server Error"}', b"application/json"),
                           "html": (b"<html><body><h1>502 Bad Gateway</h1></body></html>", b"text/html"),
                           "empty": (b"", b"text/plain")}[f["error_body"]]
            extra = [(b"retry-after", f["error_retry_after"].encode())] if f["error_retry_after"] else []
            return await reply(f["error_status"], body, ctype, extra)

        start, chunks = {}, []

        async def capture(msg):
            if msg["type"] == "http.response.start":
                start.update(msg)
            else:
                chunks.append(msg.get("body", b""))

        await self.inner(scope, receive, capture)
        body = b"".join(chunks)
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        length = None

        if fires("lost"):
            return reset_connection(scope)
        if fires("malformed"):
            body = body[:max(1, len(body) // 2)]
        if fires("wrong_type"):
            body = b"<!doctype html><title>Welcome to the captive portal</title>"
            headers = [(b"content-type", b"text/html")]
        if active and f["huge_body_bytes"] and body.startswith(b"{") and len(body) > 2:
            note("huge_body")
            body = b'{"_pad":"' + b"x" * f["huge_body_bytes"] + b'",' + body[1:]
        truncated = fires("truncate")
        length = len(body)
        if truncated:
            body = body[:length // 2]

        with STATS_LOCK:
            s = str(start["status"])
            st["status"][s] = st["status"].get(s, 0) + 1
        await send({"type": "http.response.start", "status": start["status"],
                    "headers": headers + [(b"content-length", str(length).encode())]})
        if active and f["slow_body_ms"] and body:
            note("slow_body")
            pieces = min(len(body), 20)
            size = -(-len(body) // pieces)
            for i in range(0, len(body), size):
                await asyncio.sleep(f["slow_body_ms"] / pieces / 1000)
                await send({"type": "http.response.body", "body": body[i:i + size], "more_body": True})
            body = b""
        if truncated:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            t = SOCKETS.get(tuple(scope["client"]))
            return t.close() if t else None
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(FaultLayer(app), host="127.0.0.1", port=int(sys.argv[1]), http=LabProtocol,
                log_level=os.environ.get("LAB_LOG", "warning"), access_log=False, lifespan="off",
                timeout_graceful_shutdown=1)

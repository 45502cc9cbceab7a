"""Runs MiniStack as `up --ministack` starts it: run_ministack.py --port PORT --state FOLDER, the rest by MiniStack's own
variables.

MiniStack answers any web page, and whoever may make a function runs programs here: this refuses what does not come from
a program of this machine, as foreign.mjs does for the embedded emulator. And MiniStack writes its state when it is
stopped: this has it written while it runs, so that what is killed loses no more than the last seconds.
"""

import asyncio
import atexit
import fcntl
import ipaddress
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from urllib.parse import urlsplit

# The exit status where another one has the state.
TAKEN = 75


def take(state):
    """Takes the state for this process: the lock is on the file `scratch`, which has this process and the folder for the
    functions' unpacked code. That is outside of the project, whose packages and package.json the functions would find
    above them, and as on AWS must not. It goes when this process ends; that of one that was killed, now."""
    note = open(os.path.join(state, "scratch"), "a+")
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"{state} belongs to a MiniStack that runs.", file=sys.stderr)
        sys.exit(TAKEN)
    note.seek(0)
    prefix = os.path.join(tempfile.gettempdir(), "ml-pipeline-ministack-")
    before = note.read().rpartition(" ")[2]
    if before.startswith(prefix):
        shutil.rmtree(before, ignore_errors=True)
    scratch = tempfile.mkdtemp(prefix="ml-pipeline-ministack-")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    with open(os.path.join(scratch, "package.json"), "w") as file:
        file.write("{}")
    note.truncate(0)
    note.write(f"{os.getpid()} {scratch}")
    note.flush()
    os.environ.update(HOME=scratch, TMPDIR=scratch)
    tempfile.tempdir = scratch
    return note


# Before MiniStack is loaded, which takes a second.
taken = take(sys.argv[sys.argv.index("--state") + 1])

from ministack import app as ministack
from ministack.core.persistence import PERSIST_STATE, save_all

# Seconds between two writes, at least; a large state is written less often.
PAUSE = 2
SHARE = 0.05

answer = ministack.app
changed = False


async def app(scope, receive, send):
    global changed
    if scope["type"] == "lifespan":
        writing = asyncio.create_task(write_often()) if PERSIST_STATE else None
        await answer(scope, receive, send)
        if writing:
            writing.cancel()
        return
    why = foreign({name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]})
    if why is None:
        await answer(scope, receive, send)
        changed = True
    elif scope["type"] == "http":
        message = f"MiniStack takes requests of this machine's programs alone: {why}"
        body = json.dumps({"__type": "AccessDenied", "message": message})
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body.encode()})
    else:
        await send({"type": "websocket.close", "code": 1008})


def foreign(headers):
    """Why a request is none of a program of this machine; None where it may be one."""
    host, origin, site = (headers.get(name) for name in ("host", "origin", "sec-fetch-site"))
    if host is not None and not is_here(host):
        return f"it was asked as {host}."
    if origin is not None and origin != f"http://{host}":
        return f"this comes from {origin}."
    if site is not None and site not in ("same-origin", "none"):
        return "this comes from a page elsewhere."
    return None


def is_here(host):
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    listed = [name.strip().lower() for name in os.environ.get("ML_PIPELINE_MOCK_HOSTS", "").split(",")]
    if name == "localhost" or name.endswith(".localhost") or name in filter(None, listed):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def write_often():
    """Writes the state while it changes. In between nothing else runs, so that it is of one moment."""
    global changed
    pause = PAUSE
    while True:
        await asyncio.sleep(pause)
        if not changed:
            continue
        changed = False
        began = time.monotonic()
        save_all(ministack._build_persistence_save_dict())
        pause = max(PAUSE, (time.monotonic() - began) / SHARE)


if __name__ == "__main__":
    # It says each file of each write.
    logging.getLogger("persistence").setLevel(logging.WARNING)
    ministack.app = app
    # The port is on the command line for whoever looks at this process; MiniStack reads its own arguments.
    sys.argv[1:] = []
    ministack.main()

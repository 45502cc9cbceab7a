"""What every contender in Python measures of itself, of its pool of processes, and of the programs that it runs."""
import json
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

with open(sys.argv[2]) as file:
    spec = json.load(file)

ends = []
"""What is to be called after the timing: ends a pool, whose CPU time is known only then."""

programs = []
"""Peak memory of each program that was run, in MB."""


def peak_of(process):
    """Unlike getrusage's, it is not that of the process from which it was forked."""
    with suppress(OSError):
        high = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        return int(high[1]) / 1024 if high else 0
    return 0


def tree(process):
    """The process and those that it started."""
    yield process
    with suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            yield from tree(child)


def program(*command, input=None, **options):
    """Runs a program to its end, and notes the peak of its memory, which is to be had only as long as it runs."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE if input else None, stdout=subprocess.DEVNULL, **options)

    def watch():
        while child.returncode is None:
            programs[-1] = max(programs[-1], sum(map(peak_of, tree(child.pid))))
            time.sleep(0.02)

    programs.append(0)
    threading.Thread(target=watch, daemon=True).start()
    child.communicate(input)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)


def cpu_seconds():
    """Of this process and of those that it has seen to their end."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(tasks):
    """
    Runs the task that the command line names, and prints seconds, CPU seconds and peak memory. Tasks prepare, then give what is
    timed: it gives the number of items, or a list with what became of each, which the bench looks at.
    """
    timed, repeat = tasks[sys.argv[1]](), spec.get("repeat", 1)
    # Where a proxy counts the requests, those of the preparation are left out.
    with suppress(HTTPError):
        urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/-/counts").read()
    before, started = cpu_seconds(), time.perf_counter()
    for _ in range(repeat):
        done = timed()
    seconds = time.perf_counter() - started
    pool = sum(peak_of(child.pid) for child in multiprocessing.active_children())
    for end in ends:
        end()
    cpu = cpu_seconds() - before
    # Where a program does the work, this process only waits for it.
    peak = max(programs) if programs else peak_of("self") + pool
    found = done if isinstance(done, list) else None
    items = repeat * (done if found is None else len(found))
    print(json.dumps({"items": items, "found": found, "seconds": seconds, "cpuSeconds": cpu, "peakMB": peak}))

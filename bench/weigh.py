"""Run a command and write what it took: from a process so small that it weighs nothing.

A child begins as a copy of whoever starts it, and its peak of memory is never
less than that copy's.  So a benchmark that has a region inside, of 150 MB,
asks this program to start what is to be weighed.

    python -I -S weigh.py REPORT COMMAND…    REPORT gets: status, seconds, CPU seconds, kilobytes
"""

import os
import sys
import time
from pathlib import Path


def main(report: str, command: list[str]) -> None:
    """Run `command`, and write its report."""
    start = time.perf_counter()
    child = os.fork()
    if not child:
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    cpu = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    Path(report).write_text(f"{code} {seconds} {cpu} {usage.ru_maxrss}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

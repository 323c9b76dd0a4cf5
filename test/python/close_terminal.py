"""Runs a program in a terminal, closes that terminal, and tells how the program ended.

    close_terminal.py SIGN PROGRAM [ARGUMENT ...]

The terminal is closed once the program has printed SIGN, then SIGHUP is sent again, as a shell does to its jobs.
Prints `exit CODE`, `signal NUMBER` or `alive` and ends.
"""
import os
import pty
import signal
import sys
import time

ENDS_WITHIN_S = 60

sign, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)

signal.alarm(ENDS_WITHIN_S)  # nothing waits for ever
printed = b''
while sign.encode() not in printed:
    try:
        printed += os.read(terminal, 4096)
    except OSError:
        sys.exit(f'ended before it printed {sign}: {printed.decode()}')
try:
    # Without a pause, so that the second signal does not meet a program that has already ended its work.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except (AttributeError, PermissionError):
    pass
os.close(terminal)
try:
    os.kill(pid, signal.SIGHUP)
except ProcessLookupError:
    pass

signal.alarm(0)
deadline = time.monotonic() + ENDS_WITHIN_S
while time.monotonic() < deadline:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(status)
        print(f'exit {code}' if code >= 0 else f'signal {-code}')
        sys.exit()
    time.sleep(0.05)
os.kill(pid, signal.SIGKILL)
print('alive')

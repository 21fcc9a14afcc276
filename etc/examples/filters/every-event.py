#!/usr/bin/python3 -u
# every-event.py FILE: a filter that hears every event and is asked about every phase, lets everything
# pass, and writes every line of the server to a file.
import sys

PHASES = ("connect helo ehlo starttls auth mail-from rcpt-to data data-line rset quit noop commit "
          "help wiz").split()
events = open(sys.argv[1], "wb", buffering=0)

for line in sys.stdin.buffer:
    events.write(line)
    fields = line.rstrip(b"\n").split(b"|", 7)
    if fields == [b"config", b"ready"]:
        print("register|report|smtp-in|*\nregister|report|smtp-out|*")
        print("\n".join("register|filter|smtp-in|" + phase for phase in PHASES))
        print("register|ready")
    elif fields[0] == b"filter" and fields[4] == b"data-line":
        sys.stdout.flush()
        sys.stdout.buffer.write(b"filter-dataline|%b|%b|%b\n" % tuple(fields[5:8]))
        sys.stdout.buffer.flush()
    elif fields[0] == b"filter":
        print("filter-result", fields[5].decode(), fields[6].decode(), "proceed", sep="|")

#!/usr/bin/python3 -u
# no-bank.py: a filter that refuses the senders of a domain.
import sys

for line in sys.stdin:
    fields = line.rstrip("\n").split("|", 7)
    if fields == ["config", "ready"]:
        print("register|filter|smtp-in|mail-from\nregister|ready")
    elif fields[0] == "filter":
        session, token, sender = fields[5:]
        refused = sender.lower().endswith("@bank.example")
        decision = "reject|550 5.7.1 No bank writes to us" if refused else "proceed"
        print(f"filter-result|{session}|{token}|{decision}")

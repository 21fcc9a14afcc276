package smtpd.parent;

import smtpd.core.proc.Role;

import java.util.ArrayList;
import java.util.List;

/// Which processes speak with each other. Two that are not listed have no link.
final class Wiring {
    /// The processes in the order they are started: whoever listens comes last.
    static final List<Role> CHILDREN =
            List.of(
                    Role.QUEUE,
                    Role.SCHEDULER,
                    Role.LKA,
                    Role.CONTROL,
                    Role.CA,
                    Role.MTA,
                    Role.MDA,
                    Role.SMTP);

    private record Pair(Role one, Role other) {}

    private static final List<Pair> PAIRS =
            List.of(
                    new Pair(Role.SMTP, Role.LKA),
                    new Pair(Role.SMTP, Role.QUEUE),
                    new Pair(Role.SMTP, Role.CA),
                    new Pair(Role.LKA, Role.QUEUE),
                    new Pair(Role.LKA, Role.MTA),
                    new Pair(Role.LKA, Role.MDA),
                    new Pair(Role.QUEUE, Role.SCHEDULER),
                    new Pair(Role.QUEUE, Role.MTA),
                    new Pair(Role.QUEUE, Role.MDA),
                    new Pair(Role.MTA, Role.CA),
                    new Pair(Role.CONTROL, Role.SMTP),
                    new Pair(Role.CONTROL, Role.LKA),
                    new Pair(Role.CONTROL, Role.QUEUE),
                    new Pair(Role.CONTROL, Role.SCHEDULER),
                    new Pair(Role.CONTROL, Role.MTA),
                    new Pair(Role.CONTROL, Role.MDA),
                    new Pair(Role.CONTROL, Role.CA));

    private Wiring() {}

    /// The processes that `role` speaks with, besides the parent.
    static List<Role> peersOf(Role role) {
        List<Role> peers = new ArrayList<>();
        for (Pair pair : PAIRS) {
            if (pair.one == role) {
                peers.add(pair.other);
            } else if (pair.other == role) {
                peers.add(pair.one);
            }
        }
        return peers;
    }
}

package smtpd.parent;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;

import java.util.ArrayList;
import java.util.List;

/// What a configuration asks for and this version does not do: said once at the start, so that
/// nobody relies on it. Pure.
final class Carried {
    private Carried() {}

    /// One line for each option that is read, checked and has no effect.
    static List<String> warnings(Config config) {
        List<String> inert = new ArrayList<>();
        if (!config.routing().srs().key().isEmpty()) {
            inert.add("srs: senders are not rewritten");
        }
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Remote remote) {
                remote(remote, inert);
            }
        }
        return inert;
    }

    private static void remote(Dispatcher.Remote remote, List<String> inert) {
        String where = "action " + remote.name() + ": ";
        if (remote.identity().srs()) {
            inert.add(where + "srs: senders are not rewritten");
        }
    }
}

package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.ConfEnvironment;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Role;
import smtpd.core.slice.CaSlice;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Certificates, keys and trust anchors that change while the daemon runs. Thread-safe.
///
/// Order · ca gets the new keys beside the old ones; then smtp and mta get the certificates; and
/// when no handshake that began with an old certificate can still be under way, ca forgets the old
/// keys. So no handshake meets a certificate whose key nobody has.
final class Renewal {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    /// How long old keys are of use: longer than any handshake may take.
    static final Duration OLD_KEYS = Duration.ofMinutes(5);

    private final ConfEnvironment environment;
    private final Expiry expiry = new Expiry();
    private Slices slices;
    private Map<String, String> keys;
    private int renewals;

    /// The processes that are given something new.
    interface Processes {
        /// Whether it serves.
        boolean isReady(Role role);

        /// Has a process begin with `slice` from now on when it is started, and gives it `news` if
        /// it runs. Waits until it has taken that.
        ///
        /// @return why it does not use all of it; empty when it does, or will when it is ready
        List<String> give(Role role, Bytes slice, ParentToChild news);

        /// Runs `task` later, on a thread that may wait.
        void after(Duration delay, Runnable task);
    }

    /// @param slices what the daemon was started with
    /// @param environment tells what is wrong with a file
    Renewal(Slices slices, ConfEnvironment environment) {
        this.slices = slices;
        this.environment = environment;
        keys = slices.keys();
    }

    /// Reads the files again and has what they hold used.
    synchronized ParentToChild.PkiUpdated update(Processes processes, Instant now) {
        if (!processes.isReady(Role.CA)) {
            return new ParentToChild.PkiUpdated(List.of(), "ca is being started, try again");
        }
        Reread read = Reread.of(slices.config(), slices.machine().pki(), environment, now);
        List<String> lines = new ArrayList<>();
        for (Reread.Finding finding : read.findings()) {
            lines.add(finding.line());
            if (finding.isKept()) {
                LOG.warn("warn: {}", finding.line());
            } else {
                LOG.info("info: {}", finding.line());
            }
        }
        List<String> refusals = hand(slices.with(read.files()), processes);
        refusals.forEach(refusal -> LOG.warn("warn: {}", refusal));
        lines.addAll(refusals);
        long kept = read.findings().stream().filter(Reread.Finding::isKept).count();
        return new ParentToChild.PkiUpdated(lines, problem(kept, read.findings().size(), refusals));
    }

    private static String problem(long kept, int all, List<String> refusals) {
        if (!refusals.isEmpty()) {
            return "not all that was read is in use";
        }
        return kept == 0 ? "" : kept + " of " + all + " kept as it was";
    }

    private List<String> hand(Slices fresh, Processes processes) {
        Map<String, String> both = new LinkedHashMap<>(keys);
        both.putAll(fresh.keys());
        keys = both;
        List<String> refusals = new ArrayList<>(giveKeys(processes));
        if (!refusals.isEmpty()) {
            return refusals;
        }
        slices = fresh;
        for (Role role : List.of(Role.SMTP, Role.MTA)) {
            Bytes set = fresh.certificatesOf(role).encode();
            refusals.addAll(
                    processes.give(role, fresh.of(role), new ParentToChild.Certificates(set)));
        }
        int renewal = ++renewals;
        if (refusals.isEmpty()) {
            processes.after(OLD_KEYS, () -> forgetOldKeys(renewal, processes));
        }
        return refusals;
    }

    private List<String> giveKeys(Processes processes) {
        Bytes slice = new CaSlice(keys).encode();
        return processes.give(Role.CA, slice, new ParentToChild.Keys(slice));
    }

    private synchronized void forgetOldKeys(int renewal, Processes processes) {
        if (renewal == renewals) {
            keys = slices.keys();
            giveKeys(processes).forEach(refusal -> LOG.warn("warn: {}", refusal));
        }
    }

    /// What control is to know of the certificates in use; logs what an operator must see to.
    ///
    /// @param outcome what came of an update just now; null for none
    synchronized Stats look(
            ParentToChild.@org.jspecify.annotations.Nullable PkiUpdated outcome, Instant now) {
        Map<String, PkiFiles.Pair> pkis = slices.machine().pki().pkis();
        expiry.alarms(pkis, now).forEach(alarm -> LOG.warn("warn: {}", alarm));
        List<StatUpdate> updates = new ArrayList<>(Expiry.levels(pkis, now));
        if (outcome != null) {
            String key = outcome.problem().isEmpty() ? "pki.update.ok" : "pki.update.failed";
            updates.add(new StatUpdate(key, StatKind.INCREMENT, 1, 0));
        }
        return new Stats(updates);
    }
}

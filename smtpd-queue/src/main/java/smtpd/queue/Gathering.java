package smtpd.queue;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.Loaded;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// The grouping window: what is to be reported about one message waits here for more of it, so that
/// the sender gets one report.
///
/// A group is complete when nothing joined it for [#QUIET] and no recipient of its message is
/// behind: in a deliverer's hands, waiting for the attempt that those of the group have had, past
/// its time, or itself on its way here. It waits so for [#WINDOW] at most.
///
/// State · nothing is kept here that is not in the store as well: the envelopes of type bounce,
/// each with the time of the attempt before its last, and the other recipients with theirs. A queue
/// that is started again comes to the same groups.
///
/// OpenSMTPD: bounce.c waits for a second after the last failure, in memory.
final class Gathering {
    /// A group is looked at so often.
    static final Duration QUIET = Duration.ofSeconds(1);

    /// How often a group is looked at before it waits for nobody any more: a minute, in which a
    /// server that does not answer has been given up.
    static final int WINDOW = 60;

    /// Envelopes in one report; more make another.
    static final int ABOUT_MAX = 1000;

    /// With so many envelopes gathered, groups wait for nobody any more: what waits here takes room
    /// that the scheduler has for deliveries, `max-inflight`.
    static final int GATHERED_MAX = 1000;

    /// Other recipients of a message that are looked at for a group.
    static final int SIBLINGS_MAX = 2000;

    /// Attempts of one message that end within this time of each other are of one round.
    static final Duration ROUND = Duration.ofMinutes(1);

    private final Desk desk;
    private final Inflight inflight;
    private final BiConsumer<BounceKind, List<Envelope>> complete;
    private final Map<Key, Group> groups = new LinkedHashMap<>();
    private int gathered;

    /// What is told together.
    private record Key(MsgId msgid, BounceKind kind, Duration delay) {
        private boolean covers(Envelope envelope) {
            return envelope.target() instanceof Target.Bounce(BounceKind its, Duration after, _)
                    && its == kind
                    && after.equals(delay);
        }
    }

    private static final class Group {
        private final Key key;
        private final List<Envelope> envelopes = new ArrayList<>();
        private int seen;
        private int looks;
        private Instant before = Instant.EPOCH;
        private @Nullable EvpId behind;

        private Group(Key key) {
            this.key = key;
        }
    }

    /// @param complete is told of each group that is complete
    Gathering(Desk desk, Inflight inflight, BiConsumer<BounceKind, List<Envelope>> complete) {
        this.desk = desk;
        this.inflight = inflight;
        this.complete = complete;
    }

    /// Envelopes of type bounce are due.
    void add(List<Envelope> envelopes) {
        Set<Group> fresh = new LinkedHashSet<>();
        for (Envelope envelope : envelopes) {
            if (envelope.target() instanceof Target.Bounce bounce) {
                Key key = new Key(envelope.msgid(), bounce.kind(), bounce.delay());
                Group group = groups.get(key);
                if (group == null) {
                    group = new Group(key);
                    groups.put(key, group);
                    fresh.add(group);
                }
                join(group, envelope, bounce.story());
            }
        }
        for (Group group : fresh) {
            group.seen = group.envelopes.size();
            desk.agenda().after(QUIET, () -> look(group));
        }
    }

    private void join(Group group, Envelope envelope, Story story) {
        group.envelopes.add(envelope);
        gathered++;
        if (story.before().isAfter(group.before)) {
            group.before = story.before();
        }
        if (group.envelopes.size() >= ABOUT_MAX) {
            end(group);
        }
    }

    private void look(Group group) {
        if (groups.get(group.key) != group) {
            return;
        }
        group.looks++;
        boolean grows = group.seen != group.envelopes.size();
        group.seen = group.envelopes.size();
        boolean waits = group.looks < WINDOW && gathered <= GATHERED_MAX;
        if (waits && (grows || isSomebodyBehind(group))) {
            desk.agenda().after(QUIET, () -> look(group));
        } else {
            end(group);
        }
    }

    private void end(Group group) {
        groups.remove(group.key);
        gathered -= group.envelopes.size();
        complete.accept(group.key.kind(), List.copyOf(group.envelopes));
    }

    private boolean isSomebodyBehind(Group group) {
        if (group.behind != null && isBehind(group, group.behind)) {
            return true;
        }
        group.behind = null;
        List<EvpId> siblings = desk.store().envelopes(group.key.msgid());
        for (EvpId id : siblings.subList(0, Math.min(siblings.size(), SIBLINGS_MAX))) {
            if (isBehind(group, id)) {
                group.behind = id;
                return true;
            }
        }
        return false;
    }

    private boolean isBehind(Group group, EvpId id) {
        if (inflight.contains(id)) {
            return inflight.find(id)
                    .filter(it -> !(it.target() instanceof Target.Bounce))
                    .isPresent();
        }
        return desk.store().load(id) instanceof Loaded.Found(Envelope it)
                && !it.state().suspended()
                && (it.target() instanceof Target.Bounce
                        ? group.key.covers(it) && it.state().retry() == 0
                        : isBehind(group, it));
    }

    private boolean isBehind(Group group, Envelope recipient) {
        Instant tried = recipient.state().lastTry();
        return !tried.isAfter(group.before.plus(ROUND))
                || !recipient.expiry().isAfter(desk.agenda().now());
    }
}

package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MessageKeys;
import smtpd.queue.seal.Roster;
import smtpd.queue.seal.SealException;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Whether a sealed queue is as we left it: what is in the store is compared with its roster, and
/// the roster with what a [Witness] saw of it.
///
/// The roster knows single messages and envelopes; that all of it is of an earlier time only the
/// witness knows, and what it saw was answered and cannot have been lost with an unfinished end.
final class RosterCheck {
    private static final String NOT_AS_LEFT = "the sealed queue is not as we left it: ";
    private static final String CANNOT_BE_TOLD =
            "; whether the sealed queue as a whole is of an earlier time cannot be told this time";

    private final RecordStore records;
    private final Witness witness;
    private final Consumer<StoreNotice> notices;

    RosterCheck(RecordStore records, Witness witness, Consumer<StoreNotice> notices) {
        this.records = records;
        this.witness = witness;
        this.notices = notices;
    }

    /// Compares, tells of any difference, and returns a roster of what there is to go on with; its
    /// next number is beyond all that were used, and the witness knows which it is. Throws
    /// [IOException] when the witness cannot be written.
    Roster run(Keyring ring, RandomGenerator secret) throws IOException {
        Bytes sealed = records.roster();
        Roster before = null;
        String doubt = null;
        if (sealed.length() > 0) {
            try {
                before = Roster.open(ring, sealed);
            } catch (SealException e) {
                doubt = "its roster cannot be read: " + e.getMessage();
            }
        }
        Roster now = before == null ? Roster.empty(secret) : before.emptied();
        boolean anySealed = count(now);
        if (before == null && doubt == null && anySealed) {
            doubt = "its roster is missing";
        }
        if (before != null && before.isKnown() && !before.matches(now)) {
            doubt = "messages or envelopes were put back, left out, made up or damaged";
        }
        Witness.Seen seen = seen(before);
        String older = seen instanceof Witness.Seen.Latest it ? older(it, before, doubt) : null;
        if (older != null) {
            notices.accept(StoreNotice.alarm(NOT_AS_LEFT + older));
        } else {
            tell(before, doubt);
            tell(seen, sealed.length() > 0);
        }
        goOn(now);
        return now;
    }

    private void goOn(Roster now) throws IOException {
        if (witness.seen() instanceof Witness.Seen.Latest it && it.isOf(now)) {
            now.rise(it.number());
        } else {
            now.rise(0);
            witness.begin(now.id());
        }
    }

    /// What the witness saw of this store: another may have been put in its place by us.
    private Witness.Seen seen(@Nullable Roster before) {
        if (witness.seen() instanceof Witness.Seen.Latest it
                && !it.store().equals(witness.store())
                && (before == null || !it.isOf(before))) {
            return new Witness.Seen.Unknown("it saw the store " + it.store());
        }
        return witness.seen();
    }

    /// What of what was seen is not there any more, or null.
    private static @Nullable String older(
            Witness.Seen.Latest seen, @Nullable Roster before, @Nullable String doubt) {
        if (seen.number() == 0) {
            return null;
        }
        if (before == null) {
            String why = doubt == null ? "its roster is missing" : doubt;
            return why
                    + ", and a witness has seen one: it was emptied or put back to an"
                    + " earlier state, or used without its keys";
        }
        if (!seen.isOf(before)) {
            return "it is another queue than the one a witness has seen, or of a time before";
        }
        if (before.number() < seen.number()) {
            return "it was put back to an earlier state or its end was cut off: it ends with"
                    + " change "
                    + Roster.text(before.number())
                    + ", and a witness has seen "
                    + Roster.text(seen.number());
        }
        return null;
    }

    private void tell(@Nullable Roster before, @Nullable String doubt) {
        if (doubt != null) {
            String text = NOT_AS_LEFT + doubt;
            notices.accept(
                    records.tornEnd()
                            ? StoreNotice.warn(text + ", or lost with its unfinished end")
                            : StoreNotice.alarm(text));
        } else if (before != null && !before.isKnown()) {
            notices.accept(
                    StoreNotice.warn(
                            "whether the sealed queue is as we left it cannot be told: a change of"
                                    + " it failed"));
        }
    }

    private void tell(Witness.Seen seen, boolean anyRoster) {
        switch (seen) {
            case Witness.Seen.Nothing _, Witness.Seen.Latest _ -> {}
            case Witness.Seen.New _ ->
                    notices.accept(
                            anyRoster
                                    ? StoreNotice.warn("witness: it is new" + CANNOT_BE_TOLD)
                                    : StoreNotice.info("witness begun"));
            case Witness.Seen.Unknown(String why) ->
                    notices.accept(StoreNotice.warn("witness: " + why + CANNOT_BE_TOLD));
        }
    }

    /// Whether anything of what is counted is sealed.
    private boolean count(Roster roster) {
        boolean anySealed = false;
        try (RecordCursor all = records.list(Optional.empty())) {
            Optional<Stored.Found> next = all.next();
            while (next.isPresent()) {
                Stored.Found found = next.get();
                anySealed |= MessageKeys.isSealed(found.envelope());
                roster.turn(found.id(), generation(found));
                next = all.next();
            }
        }
        return anySealed;
    }

    /// How often the state of an envelope that was found has changed.
    static int generation(Stored.Found found) {
        return found.state().map(MessageKeys::generation).orElse(0);
    }
}

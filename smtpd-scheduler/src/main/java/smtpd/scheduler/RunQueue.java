package smtpd.scheduler;

import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Every envelope of the queue and when it is tried next.
///
/// Time and randomness come in by parameter, what the queue is to do comes out of [#work].
///
/// OpenSMTPD: `scheduler_ramqueue.c`. We differ: held and suspended envelopes expire too; removals
/// and expiries go on when `max-inflight` is reached; a batch is the recipients of one message for
/// one destination, or for as many remote ones as fit; destinations and messages are served fairly
/// ([Line], [Shares]); what was overdue at the start is spread; nothing expires at the start
/// untried.
public interface RunQueue {
    /// Forgets what the queue said, but not what is paused; a load is expected.
    void clear();

    /// Whether it knows the envelopes of an earlier run, and is to be told by [#found].
    boolean compares();

    /// The next envelopes of the queue in the order of their ids.
    ///
    /// @param entries the envelopes
    /// @param inHand others between them, of which nothing is said now
    void found(List<ScheduleEntry> entries, List<EvpId> inHand, Instant now);

    /// The load is over: what is committed from now on is new, and what an earlier run knew and was
    /// not found is gone.
    void loaded();

    /// Forgets a part of what an earlier run knew and, by what was found so far, is gone. Nothing
    /// more is to be found before all of it is forgotten.
    ///
    /// @return whether something is left of it
    boolean forgetsMore();

    /// Adds an envelope to its message's changeset.
    void submit(ScheduleEntry entry);

    /// Drops the message's changeset.
    ///
    /// @return how many envelopes it had
    int rollback(MsgId msgid);

    /// Makes the message's changeset visible, as one; envelopes that are known already stay as they
    /// are.
    ///
    /// @return how many envelopes are new
    int commit(MsgId msgid, Instant now);

    /// The envelope is gone, whatever it was doing.
    ///
    /// @return whether it was known
    boolean delivered(EvpId id);

    /// The attempt failed for now: the next one is on the schedule of its type.
    ///
    /// @param lastTry when the attempt ended
    /// @return whether the envelope was known
    boolean deferred(EvpId id, Instant lastTry, Instant now);

    /// The attempt never happened or never reported: the envelope is tried again shortly.
    ///
    /// @return whether an attempt was under way
    boolean returned(EvpId id, Instant now);

    /// Parks an envelope whose destination is saturated; where the hold queue is full it is tried
    /// again on the overflow schedule instead.
    ///
    /// @return false if the hold queue was full
    boolean hold(EvpId id, long holdq, Instant now);

    /// Makes the oldest envelopes of a hold queue due, each with the rest of its batch.
    ///
    /// @param holdq which; 0 for all of the type, when their deliverer has died
    /// @param count how many at least; 0 for all
    /// @return how many
    int release(DeliveryType type, long holdq, int count, Instant now);

    /// Makes envelopes due now, also held ones; not suspended ones, nor what is being tried.
    Sweep schedule(Selection which);

    /// Makes the remote envelopes of a destination due now, as [#schedule(Selection)].
    Sweep schedule(String destination);

    /// Removes envelopes; one in flight when its attempt has ended without success.
    Sweep remove(Selection which);

    /// Holds or releases envelopes for the operator; one in flight when its attempt has ended. What
    /// changed are those whose state it was not.
    Sweep suspend(Selection which, boolean on);

    /// Gives envelopes more time before they expire; those that are leaving get none.
    ///
    /// @param domain only those remote ones that go there; empty for all
    /// @param by full seconds count
    Sweep extend(Selection which, String domain, Duration by);

    /// Stops or resumes deliveries of a type. What is paused does not expire: when it is resumed,
    /// it is tried before its time is over.
    ///
    /// @return false if that is how it was
    boolean pause(DeliveryType type, boolean on, Instant now);

    /// Where envelopes stand; unknown ones are left out.
    List<ScheduleState> states(List<EvpId> ids);

    /// How many of each there are.
    Census census();

    /// The queue at a glance; in bounded time.
    ///
    /// @param destinations how many are listed at most
    QueueSummary summary(int destinations, Instant now);

    /// Envelopes found at the start whose time had come during the outage, so far.
    int overdue();

    /// Envelopes found at the start that were past their ttl, so far.
    int stale();

    /// When something happens by itself the next time; empty if only messages can change anything.
    /// What [#work] could not hand out for lack of room is not counted.
    Optional<Instant> wake();

    /// Whether it has lost what the queue said: it is to be cleared and told again.
    default boolean isLost() {
        return false;
    }

    /// Whether [#save] has something to do.
    boolean isUnsaved();

    /// Keeps what has changed for the next run.
    void save();

    /// Hands out what is due, at most `max-schedule` batches, one of each kind in turn. Fewer mean
    /// that there is no more until [#wake], or room is made by a result.
    List<SchedulerToQueue> work(Instant now);
}

package smtpd.scheduler;

/// How many of each there are at this moment.
///
/// @param envelopes committed envelopes
/// @param messages messages that have committed envelopes
/// @param incoming envelopes in changesets
/// @param changesets open changesets
/// @param inflight envelopes handed out for delivery
/// @param held envelopes in hold queues
/// @param holdQueues hold queues in use
public record Census(
        int envelopes,
        int messages,
        int incoming,
        int changesets,
        int inflight,
        int held,
        int holdQueues) {}

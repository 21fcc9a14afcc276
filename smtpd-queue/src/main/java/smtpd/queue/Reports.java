package smtpd.queue;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reports to senders: what was gathered about a message becomes one report, a message of our own,
/// whose commit removes what it stands for.
///
/// Crash points · until that commit the envelopes of type bounce are in the store, and are handed
/// out again; after it they are gone and the report is there. There is never both or neither.
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    /// How long lka may take for the report's recipient.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Desk desk;
    private final QueuePeers peers;
    private final Reception reception;
    private final Results results;
    private final Inflight inflight;
    private final ReportWriter writer;
    private final ReportRate rate;
    private final String hostname;
    private final Gathering gathering;
    private final Set<MsgId> underway = new LinkedHashSet<>();

    /// How reports are made.
    ///
    /// @param writer puts them together
    /// @param rate how many
    record Manner(ReportWriter writer, ReportRate rate) {}

    Reports(
            Desk desk,
            QueuePeers peers,
            Reception reception,
            Results results,
            Inflight inflight,
            Manner manner) {
        this.desk = desk;
        this.peers = peers;
        this.reception = reception;
        this.results = results;
        this.inflight = inflight;
        writer = manner.writer();
        rate = manner.rate();
        hostname = writer.composer().hostname();
        gathering = new Gathering(desk, inflight, this::report);
    }

    /// The messages that reports are being written into.
    Set<MsgId> underway() {
        return underway;
    }

    /// Envelopes of type bounce are due.
    void due(List<Envelope> envelopes) {
        gathering.add(envelopes);
    }

    private void report(BounceKind kind, List<Envelope> about) {
        if (rate.suppresses(about.getFirst())) {
            suppress(about);
            return;
        }
        if (!rate.admit(about.getFirst(), desk.agenda().now())) {
            desk.statistics().increment("bounce.limited");
            later(
                    about,
                    new Esc(4, 7, 0),
                    "too many reports to <" + about.getFirst().sender() + ">");
            return;
        }
        @Nullable MsgId id = reception.createReport();
        if (id == null) {
            later(about, new Esc(4, 3, 1), "no room for a report");
            return;
        }
        underway.add(id);
        BounceComposer.Report report =
                new BounceComposer.Report(id, kind, about, desk.agenda().now());
        desk.reader()
                .execute(() -> {
                    try {
                        List<Bytes> content = writer.write(report);
                        desk.agent().execute(() -> written(report, content));
                    } catch (RuntimeException e) {
                        LOG.error("warn: queue: report about {}", about.getFirst().msgid(), e);
                        desk.agent().execute(() -> spoiled(report));
                    }
                });
    }

    /// The operator wants nobody told who may be somebody else: the log is (RFC 5321 §6.1 knows no
    /// such wish).
    private void suppress(List<Envelope> about) {
        for (Envelope envelope : about) {
            LOG.info(
                    "info: queue: no report about {} to <{}>: {}",
                    envelope.id(),
                    envelope.sender(),
                    envelope.state().status());
        }
        desk.statistics().add("bounce.suppressed", about.size());
        results.ended(about, _ -> Optional.empty());
    }

    /// It cannot be written, which must not keep everybody's mail: it is tried again, and held when
    /// that does not help.
    private void spoiled(BounceComposer.Report report) {
        if (report.about().getFirst().state().retry() + 1 < Suspects.DEATHS_MAX) {
            giveUp(report, "the report cannot be written");
        } else {
            abandon(report.id());
            report.about().forEach(it -> results.hold(it, "the report cannot be written"));
        }
    }

    private void written(BounceComposer.Report report, List<Bytes> content) {
        content.forEach(bytes -> reception.reportBody(report.id(), bytes));
        Envelope first = report.about().getFirst();
        RcptQuery query =
                new RcptQuery(report.id(), origin(report), MailAddr.NULL, first.sender(), Dsn.NONE);
        peers.lka()
                .ask(
                        new QueueToLka.ExpandReport(query),
                        PATIENCE,
                        answer -> expanded(report, answer));
    }

    private Origin origin(BounceComposer.Report report) {
        return new Origin(
                "",
                hostname,
                hostname,
                hostname,
                "local",
                "",
                new OriginFlags(true, true, false, report.isGlobal()));
    }

    private void expanded(BounceComposer.Report report, Peer.Answer<LkaToQueue> answer) {
        switch (answer) {
            case Peer.Answer.Got(LkaToQueue.ReportExpanded _, int _) -> commit(report);
            case Peer.Answer.Got(LkaToQueue.ReportRefused refused, int _)
                    when refused.code() >= 500 ->
                    undeliverable(report, refused.text());
            case Peer.Answer.Got(LkaToQueue.ReportRefused refused, int _) ->
                    giveUp(report, refused.text());
            case Peer.Answer.Got(LkaToQueue.AddEnvelopes _, int _) ->
                    giveUp(report, "not an answer");
            case Peer.Answer.Lost<LkaToQueue> _ -> giveUp(report, "lookup process is down");
        }
    }

    private void commit(BounceComposer.Report report) {
        List<EvpId> bounces = report.about().stream().map(Envelope::id).toList();
        reception.commitReport(
                report.id(),
                bounces,
                objection -> {
                    underway.remove(report.id());
                    objection.ifPresentOrElse(
                            why -> later(report.about(), new Esc(4, 3, 0), why),
                            () -> done(report));
                });
    }

    private void done(BounceComposer.Report report) {
        desk.statistics().increment("bounce.message");
        desk.statistics().add("bounce.envelope", report.about().size());
        desk.statistics().add("queue.bounce", report.about().size());
        for (Envelope envelope : report.about()) {
            inflight.back(envelope.id());
            peers.scheduler().send(new smtpd.core.imsg.QueueToScheduler.Delivered(envelope.id()));
        }
    }

    /// The sender itself cannot be reached: nobody is left to tell (RFC 5321 §4.5.5).
    private void undeliverable(BounceComposer.Report report, String why) {
        LOG.warn(
                "warn: queue: double bounce: report about {} to <{}> refused: {}",
                report.about().getFirst().msgid(),
                report.about().getFirst().sender(),
                why);
        abandon(report.id());
        results.ended(report.about(), _ -> Optional.empty());
    }

    private void giveUp(BounceComposer.Report report, String why) {
        abandon(report.id());
        later(report.about(), new Esc(4, 3, 0), why);
    }

    private void abandon(MsgId id) {
        underway.remove(id);
        reception.rollback(id);
    }

    /// Tries again by the scheduler's timetable. The reason of the failure that is reported stays
    /// as it is.
    private void later(List<Envelope> about, Esc status, String why) {
        LOG.warn("warn: queue: report postponed: {} {}", status, why);
        Instant now = desk.agenda().now();
        List<Envelope> again = new ArrayList<>(about.size());
        for (Envelope envelope : about) {
            State old = envelope.state();
            again.add(
                    envelope.with(
                            new State(
                                    old.retry() + 1,
                                    now,
                                    old.lastBounce(),
                                    old.status(),
                                    old.errorLine(),
                                    old.operator())));
        }
        results.deferred(again);
    }
}

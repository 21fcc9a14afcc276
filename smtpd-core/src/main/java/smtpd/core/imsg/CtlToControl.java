package smtpd.core.imsg;

import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Duration;

/// What `smtpctl` and `sendmail` ask over the control socket. Every request is answered by zero or
/// more [Lines] or [ControlToCtl.Content] and then one [Done], [ControlToCtl.Count] or
/// [ControlToCtl.NotNow]; only [OpenSession] turns the connection into something else.
public sealed interface CtlToControl
        permits Verbose,
                Trace,
                CtlToControl.OpenSession,
                CtlToControl.ShowStats,
                CtlToControl.ShowStatsSince,
                CtlToControl.ShowHistory,
                CtlToControl.ShowStatus,
                CtlToControl.ShowQueue,
                CtlToControl.ShowEnvelope,
                CtlToControl.ShowMessage,
                CtlToControl.ShowMta,
                CtlToControl.Pause,
                CtlToControl.Suspend,
                CtlToControl.Schedule,
                CtlToControl.Extend,
                CtlToControl.ScheduleDomain,
                CtlToControl.Remove,
                CtlToControl.ResumeRoute,
                CtlToControl.Block,
                CtlToControl.UpdateTable,
                CtlToControl.UpdatePki,
                CtlToControl.Rekey {
    /// Wants this connection to become an SMTP session; anyone may. Answered by
    /// [ControlToCtl.Opened], after which the server's greeting follows and no frame ever again, or
    /// by [Done] with the reason why not.
    ///
    /// @param user the name the caller goes by; believed only if it belongs to the caller's uid
    record OpenSession(String user) implements CtlToControl {}

    /// Asks for the statistics.
    record ShowStats() implements CtlToControl {}

    /// Asks for what the statistics gained of late.
    ///
    /// @param seconds how far back
    record ShowStatsSince(long seconds) implements CtlToControl {}

    /// Asks how one key of the statistics went: answered by a line `total|level START WIDTH` and
    /// one for each column, its value or `-` where nothing is known.
    ///
    /// @param key the key
    /// @param seconds how far back
    /// @param columns how many values at most
    record ShowHistory(String key, long seconds, int columns) implements CtlToControl {}

    /// Asks what is paused and how each process fares.
    record ShowStatus() implements CtlToControl {}

    /// Asks for the envelopes in the queue.
    ///
    /// @param which all of them or those of a message
    record ShowQueue(Selection which) implements CtlToControl {}

    /// Asks for everything that is known of an envelope.
    ///
    /// @param id the envelope
    record ShowEnvelope(EvpId id) implements CtlToControl {}

    /// Asks for the content of a message.
    ///
    /// @param id the message
    record ShowMessage(MsgId id) implements CtlToControl {}

    /// Asks for a listing of the mta.
    ///
    /// @param what which
    record ShowMta(MtaListing what) implements CtlToControl {}

    /// Stops or resumes a service.
    ///
    /// @param service which
    /// @param on paused or running
    record Pause(ManagedService service, boolean on) implements CtlToControl {}

    /// Holds or releases envelopes.
    ///
    /// @param which which
    /// @param on held or released
    record Suspend(Selection which, boolean on) implements CtlToControl {}

    /// Makes envelopes due now.
    ///
    /// @param which which
    record Schedule(Selection which) implements CtlToControl {}

    /// Gives envelopes more time before they expire.
    ///
    /// @param which which
    /// @param domain where they go, if it is not empty: then `which` is all of them
    /// @param by how much more
    record Extend(Selection which, String domain, Duration by) implements CtlToControl {}

    /// Removes envelopes.
    ///
    /// @param which which
    record Remove(Selection which) implements CtlToControl {}

    /// Makes remote envelopes for a domain due now.
    ///
    /// @param domain the domain, or the name of an action that relays to fixed hosts
    record ScheduleDomain(String domain) implements CtlToControl {}

    /// Stops or resumes deliveries from one source address towards a domain.
    ///
    /// @param source the literal address
    /// @param domain the domain, or `*` for all
    /// @param on stopped or resumed
    record Block(String source, String domain, boolean on) implements CtlToControl {}

    /// Clears the penalty of a route.
    ///
    /// @param route the route's id as listed
    record ResumeRoute(long route) implements CtlToControl {}

    /// Has a table read again.
    ///
    /// @param table the table's name
    record UpdateTable(String table) implements CtlToControl {}

    /// Has the files of `pki` and `ca` read again.
    record UpdatePki() implements CtlToControl {}

    /// Wraps the keys of all sealed messages in the queue with the current key.
    record Rekey() implements CtlToControl {}

    /// The wire form.
    Codec<CtlToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(CtlToControl message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case OpenSession _ -> 3;
                        case ShowStats _ -> 4;
                        case ShowStatus _ -> 5;
                        case ShowQueue _ -> 6;
                        case ShowEnvelope _ -> 7;
                        case ShowMessage _ -> 8;
                        case ShowMta _ -> 9;
                        case Pause _ -> 10;
                        case Suspend _ -> 11;
                        case Schedule _ -> 12;
                        case Remove _ -> 13;
                        case ResumeRoute _ -> 14;
                        case UpdateTable _ -> 15;
                        case ScheduleDomain _ -> 16;
                        case Block _ -> 17;
                        case Extend _ -> 18;
                        case UpdatePki _ -> 30;
                        case Rekey _ -> 33;
                        case ShowStatsSince _ -> 40;
                        case ShowHistory _ -> 41;
                    };
                }

                @Override
                public void write(CtlToControl message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case OpenSession it -> out.text(it.user());
                        case ShowStats _, ShowStatus _, UpdatePki _, Rekey _ -> {}
                        case ShowStatsSince it -> out.i64(it.seconds());
                        case ShowHistory it ->
                                out.text(it.key()).i64(it.seconds()).u32(it.columns());
                        case ShowQueue it -> Selection.write(out, it.which());
                        case ShowEnvelope it -> Wire.evpid(out, it.id());
                        case ShowMessage it -> Wire.msgid(out, it.id());
                        case ShowMta it -> out.choice(it.what());
                        case Pause it -> out.choice(it.service()).bool(it.on());
                        case Suspend it -> {
                            Selection.write(out, it.which());
                            out.bool(it.on());
                        }
                        case Schedule it -> Selection.write(out, it.which());
                        case Remove it -> Selection.write(out, it.which());
                        case ResumeRoute it -> out.i64(it.route());
                        case UpdateTable it -> out.text(it.table());
                        case ScheduleDomain it -> out.text(it.domain());
                        case Extend it -> {
                            Selection.write(out, it.which());
                            out.text(it.domain()).duration(it.by());
                        }
                        case Block it -> out.text(it.source()).text(it.domain()).bool(it.on());
                    }
                }

                @Override
                public CtlToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new OpenSession(in.text());
                        case 4 -> new ShowStats();
                        case 5 -> new ShowStatus();
                        case 6 -> new ShowQueue(Selection.read(in));
                        case 7 -> new ShowEnvelope(Wire.evpid(in));
                        case 8 -> new ShowMessage(Wire.msgid(in));
                        case 9 -> new ShowMta(in.choice(MtaListing.values()));
                        case 10 -> new Pause(in.choice(ManagedService.values()), in.bool());
                        case 11 -> new Suspend(Selection.read(in), in.bool());
                        case 12 -> new Schedule(Selection.read(in));
                        case 13 -> new Remove(Selection.read(in));
                        case 14 -> new ResumeRoute(in.i64());
                        case 15 -> new UpdateTable(in.text());
                        case 16 -> new ScheduleDomain(in.text());
                        case 18 -> new Extend(Selection.read(in), in.text(), in.duration());
                        case 17 -> new Block(in.text(), in.text(), in.bool());
                        case 30 -> new UpdatePki();
                        case 33 -> new Rekey();
                        case 40 -> new ShowStatsSince(in.i64());
                        case 41 -> new ShowHistory(in.text(), in.i64(), in.u32());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}

package smtpd.core.imsg;

import smtpd.core.mail.Bytes;
import smtpd.core.proc.Role;

import java.util.List;

/// What the parent tells a child over its control link.
public sealed interface ParentToChild {
    /// The child's slice of the configuration; the first frame of every child.
    ///
    /// @param config the slice, in the child's own codec
    /// @param verbose verbose logging
    /// @param traces trace subsystems that are on
    record Start(Bytes config, boolean verbose, List<String> traces) implements ParentToChild {}

    /// A link to a peer, new or renewed; its descriptor travels with the frame.
    ///
    /// @param peer the process at the other end
    record PeerLink(Role peer) implements ParentToChild {}

    /// A listening socket; its descriptor travels with the frame.
    ///
    /// @param index the listener's index in the slice; control's own socket is 0
    record Listener(int index) implements ParentToChild {}

    /// Every link and listener has been handed over: start serving.
    record Go() implements ParentToChild {}

    /// Stop taking new work, finish what is under way and exit.
    record Drain() implements ParentToChild {}

    /// A user's `.forward`.
    ///
    /// @param answer found, absent or unusable for now
    /// @param content its content, at most 4,096 bytes
    /// @param refusal why an existing file may not be used; empty when it may
    record ForwardFile(LookupAnswer answer, Bytes content, String refusal)
            implements ParentToChild {}

    /// A system user.
    ///
    /// @param answer found, not found, not now
    /// @param user the user when found
    record SystemUser(LookupAnswer answer, UserRecord user) implements ParentToChild {}

    /// Whether a system password fits.
    ///
    /// @param answer found means it fits
    record PasswordChecked(LookupAnswer answer) implements ParentToChild {}

    /// A delivery command runs; its standard input travels with the frame.
    ///
    /// @param token names the command from now on
    record CommandStarted(long token) implements ParentToChild {}

    /// A delivery command could not be started.
    ///
    /// @param reason why
    record CommandRefused(String reason) implements ParentToChild {}

    /// A delivery command ended.
    ///
    /// @param token which
    /// @param exit exit status, or -1
    /// @param signal the signal that ended it, or 0
    /// @param timedOut ended by us for taking too long
    /// @param output the last line it printed, escaped and bounded
    record CommandExited(long token, int exit, int signal, boolean timedOut, String output)
            implements ParentToChild {}

    /// A process was started or died; for control's status listing.
    ///
    /// @param process which
    /// @param pid its process id; 0 while it is down
    /// @param starts how often it has been started
    /// @param sandbox its sandbox line
    record ProcessStatus(Role process, long pid, int starts, String sandbox)
            implements ParentToChild {}

    /// The program of a table runs; the other end of its standard input and output, one socket,
    /// travels with the frame.
    record TableStarted() implements ParentToChild {}

    /// The program of a table could not be started.
    ///
    /// @param reason why
    record TableRefused(String reason) implements ParentToChild {}

    /// A filter program runs; the other end of its standard input and output, one socket, travels
    /// with the frame.
    record FilterStarted() implements ParentToChild {}

    /// A filter program could not be started.
    ///
    /// @param reason why
    record FilterRefused(String reason) implements ParentToChild {}

    /// For ca: the private keys from now on, answered with [ChildToParent.Renewed].
    ///
    /// @param slice a [smtpd.core.slice.CaSlice]
    record Keys(Bytes slice) implements ParentToChild {}

    /// For smtp and mta: the certificates from now on, answered with [ChildToParent.Renewed].
    ///
    /// @param set a [smtpd.core.slice.CertificateSet]
    record Certificates(Bytes set) implements ParentToChild {}

    /// For control: what came of reading the files of `pki` and `ca` again.
    ///
    /// @param lines one for each of them
    /// @param problem why something is not in use that should be; empty when all is well
    record PkiUpdated(List<String> lines, String problem) implements ParentToChild {}

    /// For control: what the parent counted.
    ///
    /// @param stats the changes
    record Counted(Stats stats) implements ParentToChild {}

    /// For control: how the kernel shows the processes that run, the parent among them.
    ///
    /// @param processes as they are now
    record Seen(List<ProcessView> processes) implements ParentToChild {}

    /// The wire form.
    Codec<ParentToChild> CODEC =
            new Codec<>() {
                @Override
                public int type(ParentToChild message) {
                    return switch (message) {
                        case Start _ -> 1;
                        case PeerLink _ -> 2;
                        case Listener _ -> 3;
                        case Go _ -> 4;
                        case Drain _ -> 5;
                        case ForwardFile _ -> 6;
                        case SystemUser _ -> 7;
                        case PasswordChecked _ -> 8;
                        case CommandStarted _ -> 9;
                        case CommandRefused _ -> 10;
                        case CommandExited _ -> 11;
                        case ProcessStatus _ -> 12;
                        case TableStarted _ -> 13;
                        case TableRefused _ -> 14;
                        case FilterStarted _ -> 20;
                        case FilterRefused _ -> 21;
                        case Keys _ -> 30;
                        case Certificates _ -> 31;
                        case PkiUpdated _ -> 32;
                        case Counted _ -> 33;
                        case Seen _ -> 34;
                    };
                }

                @Override
                public void write(ParentToChild message, FrameOut out) {
                    switch (message) {
                        case Start it -> {
                            out.bytes(it.config());
                            out.bool(it.verbose());
                            out.texts(it.traces());
                        }
                        case PeerLink it -> out.choice(it.peer());
                        case Listener it -> out.u32(it.index());
                        case Go _ -> {}
                        case Drain _ -> {}
                        case ForwardFile it -> {
                            out.choice(it.answer());
                            out.bytes(it.content());
                            out.text(it.refusal());
                        }
                        case SystemUser it -> {
                            out.choice(it.answer());
                            UserRecord.write(out, it.user());
                        }
                        case PasswordChecked it -> out.choice(it.answer());
                        case CommandStarted it -> out.i64(it.token());
                        case CommandRefused it -> out.text(it.reason());
                        case CommandExited it -> {
                            out.i64(it.token());
                            out.u32(it.exit());
                            out.u32(it.signal());
                            out.bool(it.timedOut());
                            out.text(it.output());
                        }
                        case ProcessStatus it -> {
                            out.choice(it.process());
                            out.i64(it.pid());
                            out.u32(it.starts());
                            out.text(it.sandbox());
                        }
                        case TableStarted _ -> {}
                        case TableRefused it -> out.text(it.reason());
                        case FilterStarted _ -> {}
                        case FilterRefused it -> out.text(it.reason());
                        case Keys it -> out.bytes(it.slice());
                        case Certificates it -> out.bytes(it.set());
                        case PkiUpdated it -> {
                            out.texts(it.lines());
                            out.text(it.problem());
                        }
                        case Counted it -> Stats.write(out, it.stats());
                        case Seen it -> out.list(it.processes(), ProcessView::write);
                    }
                }

                @Override
                public ParentToChild read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Start(in.bytes(), in.bool(), in.texts());
                        case 2 -> new PeerLink(in.choice(Role.values()));
                        case 3 -> new Listener(in.u32());
                        case 4 -> new Go();
                        case 5 -> new Drain();
                        case 6 ->
                                new ForwardFile(
                                        in.choice(LookupAnswer.values()), in.bytes(), in.text());
                        case 7 ->
                                new SystemUser(
                                        in.choice(LookupAnswer.values()), UserRecord.read(in));
                        case 8 -> new PasswordChecked(in.choice(LookupAnswer.values()));
                        case 9 -> new CommandStarted(in.i64());
                        case 10 -> new CommandRefused(in.text());
                        case 11 ->
                                new CommandExited(
                                        in.i64(), in.u32(), in.u32(), in.bool(), in.text());
                        case 12 ->
                                new ProcessStatus(
                                        in.choice(Role.values()), in.i64(), in.u32(), in.text());
                        case 13 -> new TableStarted();
                        case 14 -> new TableRefused(in.text());
                        case 20 -> new FilterStarted();
                        case 21 -> new FilterRefused(in.text());
                        case 30 -> new Keys(in.bytes());
                        case 31 -> new Certificates(in.bytes());
                        case 32 -> new PkiUpdated(in.texts(), in.text());
                        case 33 -> new Counted(Stats.read(in));
                        case 34 -> new Seen(in.list(ProcessView::read));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}

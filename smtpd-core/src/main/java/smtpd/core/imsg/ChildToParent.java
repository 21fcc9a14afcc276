package smtpd.core.imsg;

import smtpd.core.mail.Secret;

import java.time.Duration;
import java.util.List;

/// What a child tells the parent over its control link.
public sealed interface ChildToParent {
    /// The child is pledged and serves.
    ///
    /// @param sandbox its sandbox line
    record Ready(String sandbox) implements ChildToParent {}

    /// Asks for a user's `.forward`.
    ///
    /// @param user the user
    record OpenForward(UserRecord user) implements ChildToParent {}

    /// Asks for a system user.
    ///
    /// @param name the user's name
    record LookupUser(String name) implements ChildToParent {}

    /// Asks whether a system user's password fits.
    ///
    /// @param user the user's name
    /// @param password the password
    record CheckPassword(String user, Secret password) implements ChildToParent {}

    /// Asks to run a delivery command as a user.
    ///
    /// @param user the user
    /// @param command the shell command
    /// @param environment `NAME=value` lines, the whole environment
    /// @param timeout after this its process group is killed
    record RunCommand(UserRecord user, String command, List<String> environment, Duration timeout)
            implements ChildToParent {}

    /// Asks to end a command.
    ///
    /// @param token which
    record KillCommand(long token) implements ChildToParent {}

    /// Asks to start the program of a table, or to start it anew.
    ///
    /// @param table the table's name; what runs is for the parent to know
    record StartTable(String table) implements ChildToParent {}

    /// Says that the program of a table is of no use any more: it is ended.
    ///
    /// @param table the table's name
    record EndTable(String table) implements ChildToParent {}

    /// Asks to start a filter program, or to start it anew.
    ///
    /// @param proc the program's name; what runs is for the parent to know
    record StartFilter(String proc) implements ChildToParent {}

    /// Says that a filter program is of no use any more: it is ended.
    ///
    /// @param proc the program's name
    record EndFilter(String proc) implements ChildToParent {}

    /// Asks for the files of `pki` and `ca` to be read again.
    record UpdatePki() implements ChildToParent {}

    /// What was sent is in use from now on.
    ///
    /// @param refusals why some of it is not; the older is still in use there
    record Renewed(List<String> refusals) implements ChildToParent {}

    /// The wire form.
    Codec<ChildToParent> CODEC =
            new Codec<>() {
                @Override
                public int type(ChildToParent message) {
                    return switch (message) {
                        case Ready _ -> 1;
                        case OpenForward _ -> 2;
                        case LookupUser _ -> 3;
                        case CheckPassword _ -> 4;
                        case RunCommand _ -> 5;
                        case KillCommand _ -> 6;
                        case StartTable _ -> 7;
                        case EndTable _ -> 8;
                        case StartFilter _ -> 20;
                        case EndFilter _ -> 21;
                        case UpdatePki _ -> 30;
                        case Renewed _ -> 31;
                    };
                }

                @Override
                public void write(ChildToParent message, FrameOut out) {
                    switch (message) {
                        case Ready it -> {
                            out.text(it.sandbox());
                        }
                        case OpenForward it -> {
                            UserRecord.write(out, it.user());
                        }
                        case LookupUser it -> {
                            out.text(it.name());
                        }
                        case CheckPassword it -> {
                            out.text(it.user());
                            Wire.secret(out, it.password());
                        }
                        case RunCommand it -> {
                            UserRecord.write(out, it.user());
                            out.text(it.command());
                            out.texts(it.environment());
                            out.duration(it.timeout());
                        }
                        case KillCommand it -> {
                            out.i64(it.token());
                        }
                        case StartTable it -> {
                            out.text(it.table());
                        }
                        case EndTable it -> {
                            out.text(it.table());
                        }
                        case StartFilter it -> {
                            out.text(it.proc());
                        }
                        case EndFilter it -> {
                            out.text(it.proc());
                        }
                        case UpdatePki _ -> {}
                        case Renewed it -> out.texts(it.refusals());
                    }
                }

                @Override
                public ChildToParent read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Ready(in.text());
                        case 2 -> new OpenForward(UserRecord.read(in));
                        case 3 -> new LookupUser(in.text());
                        case 4 -> new CheckPassword(in.text(), Wire.secret(in));
                        case 5 ->
                                new RunCommand(
                                        UserRecord.read(in), in.text(), in.texts(), in.duration());
                        case 6 -> new KillCommand(in.i64());
                        case 7 -> new StartTable(in.text());
                        case 8 -> new EndTable(in.text());
                        case 20 -> new StartFilter(in.text());
                        case 21 -> new EndFilter(in.text());
                        case 30 -> new UpdatePki();
                        case 31 -> new Renewed(in.texts());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}

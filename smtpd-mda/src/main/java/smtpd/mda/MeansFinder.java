package smtpd.mda;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Dispatcher.Method;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Puts action, user and addresses together. Pure.
final class MeansFinder {
    private static final String PARENT = "..";

    private final Map<String, String> wrappers;
    private final Path mailDirectory;
    private final Formats formats;

    /// @param wrappers `mda wrapper` commands by name
    /// @param mailDirectory where mbox files are
    /// @param formats expands paths and commands
    MeansFinder(Map<String, String> wrappers, Path mailDirectory, Formats formats) {
        this.wrappers = new LinkedHashMap<>(wrappers);
        this.mailDirectory = mailDirectory;
        this.formats = formats;
    }

    /// How an envelope is delivered.
    ///
    /// OpenSMTPD: root receives nothing but into its mbox.
    ///
    /// @throws DeliveryFailure if it cannot be, with the verdict
    Means find(Dispatcher.Local action, UserRecord user, Envelope envelope) throws DeliveryFailure {
        Target.Mda target = (Target.Mda) envelope.target();
        boolean plainMbox = target.exec().isEmpty() && action.method() instanceof Method.Mbox;
        if (user.uid() == 0 && !plainMbox) {
            throw new DeliveryFailure(
                    Verdict.permfail("5.7.1", "not allowed to deliver to: " + user.name()));
        }
        if (target.exec().startsWith("/")) {
            return new Means.IntoFile(path(target.exec()));
        }
        Map<String, String> values = values(user, envelope);
        if (!target.exec().isEmpty()) {
            String command =
                    target.exec().startsWith("|") ? target.exec().substring(1) : target.exec();
            return wrapped(action, command, values);
        }
        return byMethod(action, user, target, values);
    }

    private Means byMethod(
            Dispatcher.Local action, UserRecord user, Target.Mda target, Map<String, String> values)
            throws DeliveryFailure {
        if (!action.wrapper().isEmpty() && !(action.method() instanceof Method.Command)) {
            throw new DeliveryFailure(
                    Verdict.tempfail("4.3.5", "wrapper needs a delivery command to wrap"));
        }
        return switch (action.method()) {
            case Method.Mbox _ -> new Means.IntoMbox(mailDirectory(user));
            case Method.Maildir it ->
                    new Means.IntoMaildir(
                            maildir(it.path(), user, values),
                            it.junk(),
                            extension(target.subaddress()));
            case Method.Command it -> wrapped(action, formats.expand(it.command(), values), values);
            case Method.Lmtp it -> new Means.ByLmtp(it.destination(), it.rcptTo());
            case Method.ExpandOnly _, Method.ForwardOnly _ ->
                    throw new DeliveryFailure(
                            Verdict.tempfail("4.2.4", "this action delivers to nobody itself"));
        };
    }

    private Means wrapped(Dispatcher.Local action, String command, Map<String, String> values)
            throws DeliveryFailure {
        if (action.wrapper().isEmpty()) {
            return new Means.ByCommand(command);
        }
        String wrapper = wrappers.get(action.wrapper());
        if (wrapper == null) {
            throw new DeliveryFailure(
                    Verdict.tempfail("4.3.5", "no mda wrapper \"" + action.wrapper() + "\""));
        }
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put("mda", command);
        return new Means.ByCommand(formats.expand(wrapper, more));
    }

    private Path mailDirectory(UserRecord user) throws DeliveryFailure {
        if (user.name().contains("/") || user.name().startsWith(".") || user.name().isEmpty()) {
            throw unfit("user name", user.name());
        }
        path(user.name());
        return mailDirectory;
    }

    private Path maildir(String configured, UserRecord user, Map<String, String> values)
            throws DeliveryFailure {
        String template = configured.isEmpty() ? "~/Maildir" : configured;
        String expanded = formats.expand(template, values);
        boolean mayNotClimb = !template.contains(PARENT) && !user.home().contains(PARENT);
        Path path = path(user.home()).resolve(path(expanded));
        if (mayNotClimb) {
            for (Path part : path) {
                if (part.toString().equals(PARENT)) {
                    throw unfit("path", expanded);
                }
            }
        }
        return path;
    }

    /// A tag names a folder only if it is one path element that does not hide.
    private static String extension(String subaddress) {
        String tag = subaddress.toLowerCase(Locale.ROOT);
        boolean fit =
                !tag.isEmpty()
                        && !tag.startsWith(".")
                        && tag.indexOf('/') < 0
                        && tag.indexOf('\0') < 0;
        return fit ? "." + tag : "";
    }

    private static Path path(String text) throws DeliveryFailure {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw unfit("path", text);
        }
    }

    private static DeliveryFailure unfit(String what, String text) {
        return new DeliveryFailure(Verdict.permfail("5.1.3", "unusable " + what + ": " + text));
    }

    /// The values of the specifiers.
    static Map<String, String> values(UserRecord user, Envelope envelope) {
        Map<String, String> values = new LinkedHashMap<>();
        address(values, "sender", envelope.sender());
        address(values, "rcpt", envelope.rcpt());
        address(values, "dest", envelope.dest());
        values.put("user.username", user.name());
        values.put("user.directory", user.home());
        values.put(
                "mbox.from",
                envelope.sender().isNull() ? "MAILER-DAEMON" : envelope.sender().toString());
        return values;
    }

    private static void address(Map<String, String> values, String name, MailAddr address) {
        values.put(name, address.toString());
        values.put(name + ".user", address.user());
        values.put(name + ".domain", address.domain());
    }
}

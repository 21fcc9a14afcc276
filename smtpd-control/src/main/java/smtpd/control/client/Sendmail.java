package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.mail.MailAddr;
import smtpd.core.message.HeaderAddresses;
import smtpd.core.smtp.Rfc5322Date;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// `sendmail`: submits the message on standard input. It has the rights of its caller and no more;
/// the control process hands its connection over to smtp.
///
/// What the daemon cannot take now is left in the drop box, status 75; what it refuses is appended
/// to `~/dead.letter`, status 70. Lines end at LF, a lone dot is a line like any other, and the
/// message ends with the input, as if `-i` was always given (OpenSMTPD: the same).
final class Sendmail {
    /// Most recipients of one message: far beyond what a list needs, far below what hurts.
    static final int RECIPIENTS_MAX = 10_000;

    private final Console console;
    private final Caller caller;
    private final InstantSource clock = InstantSource.system();

    Sendmail(Console console, Caller caller) {
        this.console = console;
        this.caller = caller;
    }

    /// Runs a command line.
    int run(List<String> arguments) {
        return switch (SendmailLine.parse(arguments)) {
            case SendmailLine.Parsed.Wrong(String why) -> console.fail(Exit.USAGE, why);
            case SendmailLine.Submit it ->
                    switch (it.mode()) {
                        case SUBMIT -> submit(it, arguments);
                        case SESSION -> new Splice(console, caller).run();
                        case LIST -> new Smtpctl(console, caller.socket()).showQueue();
                        case ALIASES -> new NewAliases(console, caller).run(List.of());
                        case RUN_QUEUE -> Exit.REFUSED;
                    };
        };
    }

    private int submit(SendmailLine.Submit it, List<String> arguments) {
        for (String argument : arguments) {
            if (hasControl(argument)) {
                return console.fail(Exit.USAGE, "control character in an argument");
            }
        }
        if (it.recipients().isEmpty() && !it.fromHeader()) {
            return console.fail(Exit.REFUSED, "no recipients");
        }
        try (RawMessage raw = RawMessage.read(console.in())) {
            return submit(it, arguments, raw);
        } catch (IOException e) {
            return console.fail(Exit.TEMPFAIL, "cannot read the message: " + e.getMessage());
        }
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private int submit(SendmailLine.Submit it, List<String> arguments, RawMessage raw) {
        try {
            Letter letter = Letter.read(raw);
            Set<MailAddr> recipients = recipients(it, letter);
            if (recipients.isEmpty()) {
                return console.fail(Exit.REFUSED, "no recipients");
            }
            if (recipients.size() > RECIPIENTS_MAX) {
                throw new Letter.Unfit("more than " + RECIPIENTS_MAX + " recipients");
            }
            return hand(it, letter, List.copyOf(recipients));
        } catch (Letter.Unfit e) {
            return dead(raw, Exit.DATA, String.valueOf(e.getMessage()));
        } catch (Submission.Refused e) {
            return e.isForGood()
                    ? dead(raw, Exit.REFUSED, String.valueOf(e.getMessage()))
                    : later(arguments, raw, String.valueOf(e.getMessage()));
        } catch (Disallowed e) {
            return dead(raw, Exit.FAILED, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return later(arguments, raw, String.valueOf(e.getMessage()));
        }
    }

    /// The daemon takes no message from us.
    private static final class Disallowed extends Exception {
        private static final long serialVersionUID = 1L;

        Disallowed(String why) {
            super(why);
        }
    }

    private static Set<MailAddr> recipients(SendmailLine.Submit it, Letter letter)
            throws Letter.Unfit {
        Set<MailAddr> recipients = new LinkedHashSet<>();
        for (String argument : it.recipients()) {
            HeaderAddresses list = HeaderAddresses.parse(argument);
            if (!list.whole() || list.mailboxes().isEmpty()) {
                throw new Letter.Unfit(argument + ": not an address");
            }
            recipients.addAll(list.addresses());
        }
        if (it.fromHeader()) {
            recipients.addAll(letter.recipients());
        }
        for (MailAddr recipient : recipients) {
            if (hasControl(recipient.toString())) {
                throw new Letter.Unfit("control character in a recipient");
            }
        }
        return recipients;
    }

    /// Hands the message to the server.
    private int hand(SendmailLine.Submit it, Letter letter, List<MailAddr> recipients)
            throws IOException, Submission.Refused, Disallowed, Letter.Unfit {
        try (ControlConnection control = ControlConnection.open(caller.socket())) {
            open(control);
            SocketChannel channel = control.channel();
            Submission session =
                    new Submission(
                            Channels.newInputStream(channel),
                            Channels.newOutputStream(channel),
                            line -> {
                                if (it.verbose()) {
                                    console.out().println(line);
                                }
                            });
            String host = session.hello();
            if (host.isEmpty()) {
                return console.fail(Exit.NO_HOST, "the server has no name");
            }
            String own = qualified(new MailAddr(caller.user(), ""), host);
            List<String> wireRecipients = new ArrayList<>();
            for (MailAddr recipient : recipients) {
                wireRecipients.add(qualified(recipient, host));
            }
            String from = fromField(it.author().fullName(), own);
            String date = Rfc5322Date.format(clock.instant(), ZoneId.systemDefault());
            session.send(
                    sender(it.author().sender(), letter, own, host),
                    wireRecipients,
                    it.wishes(),
                    letter.isEightBit(),
                    out -> letter.write(from, date, out));
            session.quit();
            return Exit.OK;
        }
    }

    private void open(ControlConnection control)
            throws IOException, Submission.Refused, Disallowed {
        ControlToCtl end = control.ask(new CtlToControl.OpenSession(caller.user()), part -> {});
        switch (end) {
            case ControlToCtl.Opened _ -> {}
            case Done(_, String text) -> throw new Disallowed(text);
            case ControlToCtl.NotNow(String text) -> throw new Submission.Refused(text, false);
            case Lines _, ControlToCtl.Content _, ControlToCtl.Count _ ->
                    throw new IOException("unexpected answer");
        }
    }

    /// Without `-f` the message's own From, else the caller.
    private static String sender(@Nullable String given, Letter letter, String own, String host)
            throws Letter.Unfit {
        if (given != null) {
            return given.isEmpty() ? "" : qualified(MailAddr.of(given), host);
        }
        MailAddr from = letter.from();
        if (hasControl(from.toString())) {
            throw new Letter.Unfit("control character in From");
        }
        return from.isNull() ? own : qualified(from, host);
    }

    private static String qualified(MailAddr address, String host) {
        return address.domain().isEmpty() ? address.user() + "@" + host : address.toString();
    }

    /// `Full Name <user@host>`, the name in quotes.
    private String fromField(String given, String address) {
        String name = given.isEmpty() ? caller.withFullName().fullName() : given;
        if (name.isEmpty() || hasControl(name)) {
            return address;
        }
        return "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\" <" + address + ">";
    }

    /// Keeps the message for the daemon.
    private int later(List<String> arguments, RawMessage raw, String why) {
        if (caller.resubmitting()) {
            return console.fail(Exit.TEMPFAIL, why);
        }
        if (!DropBox.takes(arguments)) {
            return dead(raw, Exit.USAGE, "an argument with | cannot be kept while smtpd is down");
        }
        try {
            new DropBox(caller.paths().offline()).keep(arguments, raw, clock.instant());
            return Exit.TEMPFAIL;
        } catch (IOException e) {
            return dead(raw, Exit.UNAVAILABLE, why + ", and it cannot be kept: " + e);
        }
    }

    /// Saves the message where its author finds it.
    private int dead(RawMessage raw, int status, String why) {
        if (caller.resubmitting() && status == Exit.FAILED) {
            return console.fail(Exit.TEMPFAIL, why);
        }
        try {
            Path file =
                    DeadLetter.save(
                            caller.home(),
                            caller.user(),
                            clock.instant().atZone(ZoneId.systemDefault()),
                            raw);
            return console.fail(status, why + " (message saved in " + file + ")");
        } catch (IOException e) {
            return console.fail(status, why + " (message not saved: " + e + ")");
        }
    }
}

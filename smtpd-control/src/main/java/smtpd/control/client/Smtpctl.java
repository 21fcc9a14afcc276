package smtpd.control.client;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.MtaListing;
import smtpd.core.imsg.Selection;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// smtpctl(8): asks the daemon over its control socket. Exit 0 for done, 1 for failed, 255 for a
/// command it does not know (OpenSMTPD: the same).
final class Smtpctl {
    private static final int MSGID_SHIFT = 32;
    private static final Selection ALL = new Selection(0);

    private final Console console;
    private final Path socket;

    Smtpctl(Console console, Path socket) {
        this.console = console;
        this.socket = socket;
    }

    /// Runs a command line.
    int run(List<String> line) {
        StatOptions options;
        try {
            options = StatOptions.of(line);
        } catch (IllegalArgumentException e) {
            return console.fail(Exit.UNKNOWN_COMMAND, String.valueOf(e.getMessage()));
        }
        return switch (CommandTable.parse(options.words())) {
            case CommandTable.Parsed.Command(Verb verb, String value)
                    when verb == Verb.SHOW_STATS || (verb == Verb.SHOW_GRAPH && !options.json()) ->
                    new StatViews(console, socket).show(verb, value, options);
            case CommandTable.Parsed.Command _ when options.any() ->
                    console.fail(
                            Exit.UNKNOWN_COMMAND,
                            "--json and --since are for show stats and show graph");
            case CommandTable.Parsed.Command(Verb verb, String value) -> run(verb, value);
            case CommandTable.Parsed.Unclear(List<String> texts) -> {
                console.err().println("possibilities are:");
                texts.forEach(text -> console.err().println("  " + text));
                yield Exit.UNKNOWN_COMMAND;
            }
        };
    }

    private int run(Verb verb, String value) {
        return switch (verb) {
            case SHOW_ENVELOPE -> print(new CtlToControl.ShowEnvelope(EvpId.parse(value)));
            case SHOW_HOSTS -> print(new CtlToControl.ShowMta(MtaListing.HOSTS));
            case SHOW_HOSTSTATS -> print(new CtlToControl.ShowMta(MtaListing.HOSTSTATS));
            case SHOW_MTA_PAUSED -> print(new CtlToControl.ShowMta(MtaListing.PAUSED));
            case SHOW_MESSAGE -> print(new CtlToControl.ShowMessage(MsgId.parse(value)));
            case SHOW_MESSAGE_OF -> print(new CtlToControl.ShowMessage(EvpId.parse(value).msgid()));
            case SHOW_QUEUE -> showQueue();
            case SHOW_QUEUE_MESSAGE -> print(new CtlToControl.ShowQueue(message(value)));
            case SHOW_RELAYS -> print(new CtlToControl.ShowMta(MtaListing.RELAYS));
            case SHOW_ROUTES -> print(new CtlToControl.ShowMta(MtaListing.ROUTES));
            case SHOW_STATS, SHOW_GRAPH -> throw new IllegalStateException("shown before");
            case SHOW_STATUS -> print(new CtlToControl.ShowStatus());
            case MONITOR -> new Monitor(console, socket).run();
            case PAUSE_ENVELOPE -> suspend(envelope(value), true);
            case PAUSE_MESSAGE -> suspend(message(value), true);
            case PAUSE_ALL -> suspend(ALL, true);
            case RESUME_ENVELOPE -> suspend(envelope(value), false);
            case RESUME_MESSAGE -> suspend(message(value), false);
            case RESUME_ALL -> suspend(ALL, false);
            case REMOVE_ENVELOPE -> remove(envelope(value));
            case REMOVE_MESSAGE -> remove(message(value));
            case REMOVE_ALL -> remove(ALL);
            case SCHEDULE_ENVELOPE -> schedule(envelope(value));
            case SCHEDULE_MESSAGE -> schedule(message(value));
            case SCHEDULE_ALL -> schedule(ALL);
            case SCHEDULE_DOMAIN -> count(new CtlToControl.ScheduleDomain(value), "scheduled");
            case EXTEND_ENVELOPE -> extend(envelope(first(value)), "", value);
            case EXTEND_MESSAGE -> extend(message(first(value)), "", value);
            case EXTEND_ALL -> extend(ALL, "", " " + value);
            case EXTEND_DOMAIN -> extend(ALL, first(value), value);
            case PAUSE_MDA -> command(new CtlToControl.Pause(ManagedService.MDA, true));
            case PAUSE_MTA -> command(new CtlToControl.Pause(ManagedService.MTA, true));
            case PAUSE_SMTP -> command(new CtlToControl.Pause(ManagedService.SMTP, true));
            case RESUME_MDA -> command(new CtlToControl.Pause(ManagedService.MDA, false));
            case RESUME_MTA -> command(new CtlToControl.Pause(ManagedService.MTA, false));
            case RESUME_SMTP -> command(new CtlToControl.Pause(ManagedService.SMTP, false));
            case PAUSE_MTA_FROM -> command(block(value, true));
            case RESUME_MTA_FROM -> command(block(value, false));
            case RESUME_ROUTE -> command(new CtlToControl.ResumeRoute(Long.parseLong(value)));
            case LOG_BRIEF -> command(new Verbose(false));
            case LOG_VERBOSE -> command(new Verbose(true));
            case TRACE -> command(new Trace(value, true));
            case UNTRACE -> command(new Trace(value, false));
            case QUEUE_REKEY -> print(new CtlToControl.Rekey());
            case UPDATE_PKI -> command(new CtlToControl.UpdatePki());
            case UPDATE_TABLE -> command(new CtlToControl.UpdateTable(value));
            case DISCOVER_ENVELOPE, DISCOVER_MESSAGE ->
                    console.fail(
                            Exit.FAILED,
                            "discover: the queue finds its envelopes itself; none can be added to"
                                    + " it by hand");
            case ENCRYPT -> Encrypt.crypt(console).each();
            case ENCRYPT_TEXT -> Encrypt.crypt(console).one(value);
            case SCRAM -> Encrypt.scram(console).each();
            case SCRAM_TEXT -> Encrypt.scram(console).one(value);
        };
    }

    /// @param value address and domain
    private static CtlToControl block(String value, boolean on) {
        int space = value.indexOf(' ');
        return new CtlToControl.Block(value.substring(0, space), value.substring(space + 1), on);
    }

    private static Selection envelope(String evpid) {
        return new Selection(EvpId.parse(evpid).value());
    }

    private static Selection message(String msgid) {
        return new Selection((long) MsgId.parse(msgid).value() << MSGID_SHIFT);
    }

    /// `mailq`, too.
    int showQueue() {
        return print(new CtlToControl.ShowQueue(ALL));
    }

    private int suspend(Selection which, boolean on) {
        return count(new CtlToControl.Suspend(which, on), on ? "paused" : "resumed");
    }

    private int remove(Selection which) {
        return count(new CtlToControl.Remove(which), "removed");
    }

    /// @param value something, a space, and the delay
    private int extend(Selection which, String domain, String value) {
        Duration by = CommandTable.delay(value.substring(value.indexOf(' ') + 1));
        return count(new CtlToControl.Extend(which, domain, by), "extended");
    }

    private static String first(String value) {
        return value.substring(0, value.indexOf(' '));
    }

    private int schedule(Selection which) {
        return count(new CtlToControl.Schedule(which), "scheduled");
    }

    /// Prints an answer.
    private int print(CtlToControl request) {
        return end(request, "", "");
    }

    /// Says whether it was done.
    int command(CtlToControl request) {
        return end(request, "command succeeded", "");
    }

    private int count(CtlToControl request, String done) {
        return end(request, "", done);
    }

    /// @param success what to print when it is done; empty for nothing
    /// @param counted what was done to the envelopes that are counted
    private int end(CtlToControl request, String success, String counted) {
        try (ControlConnection control = ControlConnection.open(socket)) {
            ControlToCtl end = control.ask(request, this::part);
            console.out().flush();
            return switch (end) {
                case Done(boolean ok, String text) when ok -> said(success);
                case Done(_, String text) -> failed(text);
                case ControlToCtl.Count(int count) -> said(envelopes(count, counted));
                case ControlToCtl.NotNow(String text) -> failed(text);
                case Lines _, ControlToCtl.Content _, ControlToCtl.Opened _ ->
                        failed("unexpected answer");
            };
        } catch (java.net.SocketException | java.nio.file.NoSuchFileException _) {
            return notRunning(console);
        } catch (IOException e) {
            return console.fail(Exit.FAILED, String.valueOf(e.getMessage()));
        }
    }

    /// The daemon is down.
    static int notRunning(Console console) {
        return console.fail(Exit.FAILED, "smtpd doesn't seem to be running");
    }

    private void part(ControlToCtl part) throws IOException {
        switch (part) {
            case Lines(List<String> lines) -> {
                StringBuilder text = new StringBuilder();
                for (String line : lines) {
                    text.append(line).append('\n');
                }
                console.out().print(text);
            }
            case ControlToCtl.Content content ->
                    console.out()
                            .write(
                                    content.bytes().array(),
                                    content.bytes().offset(),
                                    content.bytes().length());
            case Done _, ControlToCtl.Count _, ControlToCtl.NotNow _, ControlToCtl.Opened _ -> {}
        }
        if (console.out().checkError()) {
            throw new IOException("cannot write");
        }
    }

    private int said(String text) {
        if (!text.isEmpty()) {
            console.out().println(text);
        }
        return Exit.OK;
    }

    private int failed(String text) {
        if (text.equals("need root privileges")) {
            return console.fail(Exit.FAILED, text);
        }
        console.out().println(text.isEmpty() ? "command failed" : "command failed: " + text);
        return Exit.FAILED;
    }

    /// `1 envelope removed`, `0 envelope removed`, `2 envelopes removed`.
    static String envelopes(int count, String done) {
        return count + " envelope" + (count > 1 ? "s " : " ") + done;
    }
}

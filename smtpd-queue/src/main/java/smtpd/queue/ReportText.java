package smtpd.queue;

import static smtpd.queue.BounceComposer.line;

import smtpd.core.mail.Delay;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Cause;
import smtpd.core.mail.Envelope.Story;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The part of a report that people read: what happened, to whom, why, what can be done, and what
/// the other server said, quoted. Recipients with the same story are told of together. Pure.
///
/// @param hostname this server's name
record ReportText(String hostname) {
    /// Where lines are broken, as in a letter; a word that is longer stands on a line of its own.
    private static final int WIDTH = 72;

    private static final String INDENT = "    ";

    /// What is said about one recipient or several.
    private record Told(Explanation explanation, Cause cause, String remote, String said) {}

    /// The text, with line ends of a message.
    String words(BounceComposer.Report report, BounceComposer.Original.Extent extent) {
        StringBuilder out = new StringBuilder(1024);
        line(out, "This is the mail server at " + StatusFields.utf8(hostname) + ".");
        line(out, "");
        opening(out, report);
        for (Map.Entry<Told, List<Envelope>> each : grouped(report).entrySet()) {
            line(out, "");
            each.getValue().forEach(envelope -> recipient(out, envelope));
            if (report.kind() == BounceKind.FAILED || report.kind() == BounceKind.DELAYED) {
                why(out, report, each.getKey());
            }
        }
        closing(out, report, extent);
        return out.toString();
    }

    private static void opening(StringBuilder out, BounceComposer.Report report) {
        int count = report.about().size();
        String message = "Your message of " + StatusFields.date(report.first().created());
        String whom = count == 1 ? "the recipient below" : "the " + count + " recipients below";
        switch (report.kind()) {
            case FAILED ->
                    wrap(
                            out,
                            "",
                            message
                                    + " could not be delivered to "
                                    + whom
                                    + ". It will not be tried again.");
            case DELAYED ->
                    wrap(
                            out,
                            "",
                            message
                                    + " has not been delivered to "
                                    + whom
                                    + " yet. You need not do anything: it is kept and tried until "
                                    + StatusFields.date(report.first().expiry())
                                    + ". If it cannot be delivered by then, you will be told.");
            case DELIVERED -> wrap(out, "", message + " was delivered to " + whom + ".");
            case RELAYED ->
                    wrap(
                            out,
                            "",
                            message
                                    + " was handed to the mail server of "
                                    + whom
                                    + ". That server does not report deliveries: this is the last"
                                    + " you hear from here, unless it is returned.");
        }
    }

    private static Map<Told, List<Envelope>> grouped(BounceComposer.Report report) {
        Map<Told, List<Envelope>> groups = new LinkedHashMap<>();
        for (Envelope envelope : report.about()) {
            Story story = StatusFields.story(envelope);
            Told told =
                    new Told(
                            Explanation.of(envelope.state().status()),
                            story.cause(),
                            story.remote(),
                            StatusFields.utf8(envelope.state().errorLine()));
            groups.computeIfAbsent(told, _ -> new ArrayList<>()).add(envelope);
        }
        return groups;
    }

    /// The address the sender wrote, and the one it became where that is another.
    private static void recipient(StringBuilder out, Envelope envelope) {
        String dest = StatusFields.utf8(envelope.dest().toString());
        String rcpt = StatusFields.utf8(envelope.rcpt().toString());
        line(out, rcpt.equals(dest) ? dest : rcpt + ", which stands for " + dest);
    }

    private void why(StringBuilder out, BounceComposer.Report report, Told told) {
        if (told.cause() == Cause.EXPIRED) {
            Duration tried = Duration.between(report.first().created(), report.now());
            String days = Delay.text(Duration.ofSeconds(tried.toSeconds() / 3600 * 3600));
            wrap(
                    out,
                    INDENT,
                    "It was tried for "
                            + (days.equals("0s") ? Delay.text(tried) : days)
                            + ", as long as messages are kept here."
                            + (told.said().isEmpty() ? "" : " The last time:"));
        }
        wrap(out, INDENT, told.explanation().what());
        if (report.kind() == BounceKind.FAILED && !told.explanation().advice().isEmpty()) {
            wrap(out, INDENT, told.explanation().advice());
        }
        if (!told.said().isEmpty()) {
            wrap(out, INDENT, said(told));
            wrap(out, INDENT + "> ", told.said());
        }
    }

    private String said(Told told) {
        if (!told.remote().isEmpty()) {
            return "The mail server " + StatusFields.utf8(told.remote()) + " said:";
        }
        return told.cause() == Cause.LOCAL
                ? "The delivery on " + StatusFields.utf8(hostname) + " ended with:"
                : "In technical words:";
    }

    private static void closing(
            StringBuilder out,
            BounceComposer.Report report,
            BounceComposer.Original.Extent extent) {
        line(out, "");
        String next = "The next part says the same for programs; ";
        wrap(
                out,
                "",
                next
                        + switch (extent) {
                            case WHOLE -> "the last part is your message.";
                            case HEADER -> "the last part is the header of your message.";
                            case CUT ->
                                    "the last part is the header of your message, which is too"
                                            + " large to be returned as a whole.";
                        });
        line(out, "The message was known here as " + report.first().msgid() + ".");
    }

    /// Breaks a text into lines at blanks.
    private static void wrap(StringBuilder out, String prefix, String text) {
        StringBuilder current = new StringBuilder(prefix);
        boolean empty = true;
        for (String word : text.split(" ", -1)) {
            if (!empty && current.length() + 1 + word.length() > WIDTH) {
                line(out, current.toString());
                current = new StringBuilder(prefix);
                empty = true;
            }
            current.append(empty ? "" : " ").append(word);
            empty = false;
        }
        line(out, current.toString());
    }
}

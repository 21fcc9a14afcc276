package smtpd.control;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Printable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// An envelope as `smtpctl show envelope` prints it: the lines of OpenSMTPD's envelope file
/// (version 3), empty fields left out.
final class EnvelopeText {
    private final List<String> lines = new ArrayList<>();

    private EnvelopeText() {}

    static List<String> of(Envelope envelope) {
        EnvelopeText text = new EnvelopeText();
        text.common(envelope);
        text.target(envelope.target());
        text.fate(envelope);
        text.dsn(envelope.dsn());
        return text.lines;
    }

    private void common(Envelope it) {
        Envelope.Origin origin = it.origin();
        line("version", "3");
        line("dispatcher", it.target().dispatcher());
        line("tag", origin.tag());
        line("type", it.type().word());
        line("smtpname", origin.smtpName());
        line("helo", origin.helo());
        line("hostname", origin.hostName());
        line("username", origin.userName());
        line("errorline", it.state().errorLine());
        line("sockaddr", origin.address());
        line("sender", address(it.sender()));
        line("rcpt", address(it.rcpt()));
        line("dest", address(it.dest()));
    }

    private void target(Envelope.Target target) {
        switch (target) {
            case Envelope.Target.Mda mda -> {
                line("mda-user", mda.user());
                line("mda-exec", mda.exec());
                line("mda-subaddress", mda.subaddress());
            }
            case Envelope.Target.Mta _ -> {}
            case Envelope.Target.Bounce bounce -> {
                line("bounce-type", bounce.kind().name().toLowerCase(Locale.ROOT));
                number("bounce-delay", bounce.delay().toSeconds());
            }
        }
    }

    private void fate(Envelope it) {
        line("ctime", Long.toString(it.created().getEpochSecond()));
        time("last-try", it.state().lastTry());
        time("last-bounce", it.state().lastBounce());
        number("ttl", it.lifetime().toSeconds());
        number("retry", it.state().retry());
        List<String> flags = new ArrayList<>();
        if (it.origin().flags().authenticated()) {
            flags.add("authenticated");
        }
        if (it.target() instanceof Envelope.Target.Bounce) {
            flags.add("bounce");
        }
        if (it.origin().flags().internal()) {
            flags.add("internal");
        }
        line("flags", String.join(" ", flags));
        if (!it.state().errorLine().isEmpty()) {
            line("esc", it.state().status().toString());
        }
    }

    private void dsn(Dsn dsn) {
        line(
                "dsn-notify",
                dsn.notifyOn().stream()
                        .map(notify -> notify.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(",")));
        if (dsn.ret() != Dsn.Ret.UNSPECIFIED) {
            line("dsn-ret", dsn.ret().name().toLowerCase(Locale.ROOT));
        }
        line("dsn-envid", dsn.envid());
        line("dsn-orcpt", dsn.orcpt());
    }

    private static String address(MailAddr address) {
        return address.user() + "@" + address.domain();
    }

    private void time(String key, Instant time) {
        number(key, time.getEpochSecond());
    }

    private void number(String key, long value) {
        if (value != 0) {
            line(key, Long.toString(value));
        }
    }

    private void line(String key, String value) {
        if (!value.isEmpty()) {
            lines.add(key + ": " + Printable.line(value));
        }
    }
}

package smtpd.smtp.verb;

import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

import java.util.ArrayList;
import java.util.List;

/// HELO and EHLO (RFC 5321 §4.1.1.1). A repeated one ends the transaction and begins anew (RFC 5321
/// §4.1.4). OpenSMTPD: it is refused.
public final class HelloVerb {
    private HelloVerb() {}

    /// Identifies the client.
    public static Step proceed(Facts facts, Phase phase, Hello hello) {
        int accepted =
                switch (phase) {
                    case Phase.Greeted _ -> 0;
                    case Phase.Identified it -> it.accepted();
                    case Phase.InTransaction it -> {
                        it.tx().rollback();
                        yield it.outside().accepted();
                    }
                };
        Phase next = new Phase.Identified(hello, accepted);
        return Step.to(
                next,
                hello.dialect() == Dialect.SMTP
                        ? Reply.of(250, Replies.pleased(facts, hello.name()))
                        : new Reply(250, null, keywords(facts, hello)));
    }

    /// What we announce, in OpenSMTPD's order.
    private static List<String> keywords(Facts facts, Hello hello) {
        List<String> lines = new ArrayList<>();
        lines.add(Replies.pleased(facts, hello.name()));
        lines.add("8BITMIME");
        lines.add("ENHANCEDSTATUSCODES");
        lines.add("PIPELINING");
        lines.add("SIZE " + facts.terms().options().maxMessageSize());
        if (facts.terms().dsn()) {
            lines.add("DSN");
        }
        lines.add("HELP");
        return lines;
    }
}

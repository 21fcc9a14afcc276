package smtpd.smtp.verb;

import smtpd.core.conf.SmtpOptions;
import smtpd.core.smtp.Received.Dialect;
import smtpd.smtp.protocol.Extension;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Verb;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every command we serve and every extension we offer. EHLO announces them in this order:
/// OpenSMTPD's, then what it does not have.
public final class Verbs {
    private static final List<Extension> ALL =
            List.of(
                    new HelloVerb(Dialect.SMTP),
                    new HelloVerb(Dialect.ESMTP),
                    new HelloVerb(Dialect.LMTP),
                    new MailVerb(),
                    new RcptVerb(),
                    new DataVerb(),
                    new RsetVerb(),
                    new NoopVerb(),
                    new QuitVerb(),
                    new VrfyVerb(),
                    new ExpnVerb(),
                    new EtrnVerb(),
                    Extension.named("8BITMIME"),
                    Extension.named("ENHANCEDSTATUSCODES"),
                    facts -> Optional.of("SIZE " + facts.terms().options().maxMessageSize()),
                    facts -> facts.terms().dsn() ? Optional.of("DSN") : Optional.empty(),
                    new StartTlsVerb(),
                    new AuthVerb(),
                    new HelpVerb(),
                    Extension.named("PIPELINING"),
                    new BdatVerb(),
                    Extension.named("SMTPUTF8"),
                    Verbs::limits);

    private static final Map<String, Verb<?, ?>> VERBS = verbs();

    private Verbs() {}

    /// RFC 9422 §2.
    private static Optional<String> limits(Facts facts) {
        SmtpOptions options = facts.terms().options();
        return Optional.of(
                "LIMITS RCPTMAX=" + options.maxRcpt() + " MAILMAX=" + options.maxMails());
    }

    private static Map<String, Verb<?, ?>> verbs() {
        Map<String, Verb<?, ?>> verbs = new LinkedHashMap<>();
        for (Extension extension : ALL) {
            if (extension instanceof Verb<?, ?> verb) {
                verbs.put(verb.word(), verb);
            }
        }
        return verbs;
    }

    /// The command called `word`, in upper case; [Unserved] if there is none.
    public static Verb<?, ?> of(String word) {
        return VERBS.getOrDefault(word, Unserved.VERB);
    }

    /// What EHLO announces, a line each.
    static List<String> keywords(Facts facts) {
        return ALL.stream().flatMap(it -> it.keyword(facts).stream()).toList();
    }
}

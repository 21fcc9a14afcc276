package smtpd.core.conf;

import java.util.Set;

/// Notices a configuration in the grammar that was in use before OpenSMTPD 6.4.
final class OldGrammar {
    static final String HINT =
            "this is the grammar used before OpenSMTPD 6.4; 'smtpd --convert FILE' prints it in"
                    + " today's";

    private static final Set<String> OLD_ONLY = Set.of("accept", "expire", "bounce-warn");

    private boolean sawOld;
    private boolean sawNew;

    /// Takes note of the first word of a directive.
    void see(Token first) {
        sawOld |= isOld(first);
        sawNew |= first.isKeyword("match") || first.isKeyword("action");
    }

    /// Whether the configuration as a whole is in the old grammar.
    boolean whole() {
        return sawOld && !sawNew;
    }

    /// The error with its explanation when the directive is of the old grammar.
    ConfError explain(Token first, ConfError error) {
        return isOld(first) ? new ConfError(error.where(), "syntax error: " + HINT) : error;
    }

    static boolean isOld(Token first) {
        boolean word = first.kind() == Token.Kind.STRING && OLD_ONLY.contains(first.text());
        return word || first.isKeyword("reject");
    }
}

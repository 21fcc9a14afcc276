package smtpd.e2e.sim;

import smtpd.core.mail.MsgId;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A delivery report as its reader understands it.
///
/// @param id its message
/// @param action `failed`, `delayed`, `delivered` or `relayed`
/// @param about the recipients it names
/// @param fate what has happened to the report itself
record Report(MsgId id, String action, List<String> about, Rcpt fate) {
    private static final String RCPT = "Final-Recipient: rfc822; ";
    private static final String ACTION = "Action: ";

    static boolean isOne(byte[] content) {
        return new String(content, StandardCharsets.UTF_8)
                .startsWith("From: Mail Delivery Subsystem <MAILER-DAEMON@");
    }

    static Report read(MsgId id, String dest, byte[] content) {
        String action = "";
        List<String> about = new ArrayList<>();
        for (String line : new String(content, StandardCharsets.UTF_8).split("\r\n", -1)) {
            if (line.startsWith(RCPT)) {
                about.add(line.substring(RCPT.length()));
            } else if (line.startsWith(ACTION)) {
                action = line.substring(ACTION.length());
            }
        }
        return new Report(id, action, about, new Rcpt(dest, null));
    }
}

package smtpd.core.imsg;

import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;

/// How one envelope's delivery attempt ended.
///
/// @param id the envelope
/// @param outcome the outcome
/// @param status the enhanced status code, of the peer where it gave one
/// @param text the peer's or our explanation, one line, escaped and bounded
/// @param dsnPassedOn whether the next hop took over the duty to report (RFC 3461 §5.2.2)
/// @param remote the name of the server that answered, or its address in brackets; empty if none
///   did
public record DeliveryResult(
        EvpId id, Outcome outcome, Esc status, String text, boolean dsnPassedOn, String remote) {
    /// A result that no other server had a part in.
    public DeliveryResult(EvpId id, Outcome outcome, Esc status, String text, boolean dsnPassedOn) {
        this(id, outcome, status, text, dsnPassedOn, "");
    }

    /// The same from a server.
    public DeliveryResult by(String server) {
        return new DeliveryResult(id, outcome, status, text, dsnPassedOn, server);
    }

    static void write(FrameOut out, DeliveryResult value) {
        Wire.evpid(out, value.id());
        out.choice(value.outcome());
        Wire.esc(out, value.status());
        out.text(value.text());
        out.bool(value.dsnPassedOn());
        out.text(value.remote());
    }

    static DeliveryResult read(FrameIn in) {
        return new DeliveryResult(
                Wire.evpid(in),
                in.choice(Outcome.values()),
                Wire.esc(in),
                in.text(),
                in.bool(),
                in.text());
    }
}

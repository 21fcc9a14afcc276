package smtpd.core.imsg;

import smtpd.core.mail.SessionId;

/// The beginning of a session that filters are told of.
///
/// @param session its id
/// @param filter the filter or chain of its listener or action
/// @param ends who talks with whom
public record FilterStart(SessionId session, String filter, Ends ends) {
    /// The ends of a session.
    ///
    /// @param name the reverse name of the other end, or `<unknown>`
    /// @param confirmed whether the name leads back to the address
    /// @param address the address of the other end alone, or `local`
    /// @param source from where the connection was made: `address:port`, `[address]:port` or
    ///   `unix:path`
    /// @param destination where it was made to, likewise
    public record Ends(
            String name, Confirmed confirmed, String address, String source, String destination) {}

    static void write(FrameOut out, FilterStart value) {
        Wire.session(out, value.session());
        out.text(value.filter());
        Ends ends = value.ends();
        out.text(ends.name());
        out.choice(ends.confirmed());
        out.text(ends.address());
        out.text(ends.source());
        out.text(ends.destination());
    }

    static FilterStart read(FrameIn in) {
        return new FilterStart(
                Wire.session(in),
                in.text(),
                new Ends(
                        in.text(), in.choice(Confirmed.values()), in.text(), in.text(), in.text()));
    }
}

package smtpd.core.imsg;

/// What is known of a client when filters are asked.
///
/// @param helo the name it gave; empty before
/// @param user the user it has authenticated as; empty for none
/// @param sender the envelope sender of the transaction; empty without one
public record FilterSubject(String helo, String user, String sender) {
    static void write(FrameOut out, FilterSubject value) {
        out.text(value.helo());
        out.text(value.user());
        out.text(value.sender());
    }

    static FilterSubject read(FrameIn in) {
        return new FilterSubject(in.text(), in.text(), in.text());
    }
}

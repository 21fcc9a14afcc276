package smtpd.core.imsg;

/// What the record `_mta-sts` of a domain says (RFC 8461 §3.1).
///
/// @param answer whether there is one
/// @param id which version of the policy is current; empty unless there is one
public record StsRecord(LookupAnswer answer, String id) {
    /// There is none.
    public static final StsRecord NONE = new StsRecord(LookupAnswer.NOT_FOUND, "");

    /// DNS does not say.
    public static final StsRecord NOT_NOW = new StsRecord(LookupAnswer.TEMPFAIL, "");

    static void write(FrameOut out, StsRecord value) {
        out.choice(value.answer());
        out.text(value.id());
    }

    static StsRecord read(FrameIn in) {
        return new StsRecord(in.choice(LookupAnswer.values()), in.text());
    }
}

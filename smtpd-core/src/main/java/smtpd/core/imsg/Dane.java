package smtpd.core.imsg;

import java.util.List;

/// What DNS says about the certificate of a host, as far as DNSSEC vouches for it (RFC 7672 §2.2).
///
/// @param answer whether there are records; "not now" when they may not be believed, or could not
///   be had: such a host is not talked to (RFC 7672 §2.1.2)
/// @param base the name under which they were found: the host's own, or where its aliases lead;
///   empty without records
/// @param records as they stand in DNS; usable or not
public record Dane(LookupAnswer answer, String base, List<Tlsa> records) {
    /// Nothing is said, securely or because nothing there is signed.
    public static final Dane NONE = new Dane(LookupAnswer.NOT_FOUND, "", List.of());

    /// Nothing can be believed for now.
    public static final Dane NOT_NOW = new Dane(LookupAnswer.TEMPFAIL, "", List.of());

    public Dane {
        records = List.copyOf(records);
    }

    static void write(FrameOut out, Dane value) {
        out.choice(value.answer());
        out.text(value.base());
        out.list(value.records(), Tlsa::write);
    }

    static Dane read(FrameIn in) {
        return new Dane(in.choice(LookupAnswer.values()), in.text(), in.list(Tlsa::read));
    }
}

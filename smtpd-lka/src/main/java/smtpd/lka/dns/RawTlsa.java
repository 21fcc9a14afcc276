package smtpd.lka.dns;

import org.xbill.DNS.Compression;
import org.xbill.DNS.DNSInput;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Tokenizer;
import org.xbill.DNS.Type;

import smtpd.core.imsg.Tlsa;
import smtpd.core.mail.Bytes;

import java.util.HexFormat;

/// A TLSA record of any length. A record that is too short is one that cannot be used (RFC 7671
/// §4.1), not a message that cannot be read.
final class RawTlsa extends Record {
    private static final long serialVersionUID = 1;

    /// Usage, selector and matching type.
    private static final int HEAD = 3;

    /// A number that means nothing in any of the three fields.
    private static final int UNASSIGNED = 254;

    private byte[] rdata = {};

    RawTlsa() {}

    /// Makes TLSA records be read as these, wherever they come from.
    static void register() {
        Type.register(Type.TLSA, "TLSA", RawTlsa::new);
    }

    Tlsa tlsa() {
        return rdata.length < HEAD
                ? new Tlsa(UNASSIGNED, UNASSIGNED, UNASSIGNED, Bytes.EMPTY)
                : new Tlsa(
                        rdata[0] & 0xff,
                        rdata[1] & 0xff,
                        rdata[2] & 0xff,
                        Bytes.of(rdata, HEAD, rdata.length - HEAD));
    }

    @Override
    protected void rrFromWire(DNSInput in) {
        rdata = in.readByteArray();
    }

    @Override
    protected String rrToString() {
        return "\\# " + rdata.length + " " + HexFormat.of().formatHex(rdata);
    }

    @Override
    protected void rdataFromString(Tokenizer text, Name origin) throws TextParseException {
        throw text.exception("TLSA records are read from the wire only");
    }

    @Override
    protected void rrToWire(DNSOutput out, Compression names, boolean canonical) {
        out.writeByteArray(rdata);
    }
}

package smtpd.lka.dns;

import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The zone `signed.example`, signed with a key made for the test, with the unsigned zone
/// `plain.signed.example` below it; answers as a name server does. What does not exist is denied as
/// "has nothing of that kind" (RFC 4470), one record for each name.
final class SignedZone {
    /// How a test bends answers: by `name type` of the question.
    private final Map<String, UnaryOperator<Message>> bent = new LinkedHashMap<>();

    private final Set<Name> absent = new LinkedHashSet<>();

    private static final Name ZONE = name("signed.example");
    private static final int[] NSEC_TYPES = {Type.SOA, Type.DNSKEY, Type.RRSIG, Type.NSEC};
    private static final Name UNSIGNED = name("plain.signed.example");

    private final Map<String, List<Record>> records = new LinkedHashMap<>();
    private final KeyPair keys;
    private final DNSKEYRecord key;
    private final Instant now;

    /// @param now signatures are valid from a day before to a day after
    SignedZone(Instant now) throws GeneralSecurityException, DNSSEC.DNSSECException {
        this.now = now;
        RawTlsa.register();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        keys = generator.generateKeyPair();
        key =
                new DNSKEYRecord(
                        ZONE,
                        DClass.IN,
                        3600,
                        DNSKEYRecord.Flags.ZONE_KEY | DNSKEYRecord.Flags.SEP_KEY,
                        DNSKEYRecord.Protocol.DNSSEC,
                        DNSSEC.Algorithm.ECDSAP256SHA256,
                        keys.getPublic());
        put(key);
        with("signed.example", "SOA", "ns.signed.example. h.signed.example. 1 60 60 60 60");
        with("plain.signed.example", "NS", "ns.signed.example.");
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text + ".");
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /// The zone's trust anchor in zone file form.
    String anchor() {
        return new DSRecord(ZONE, DClass.IN, 3600, DNSSEC.Digest.SHA256, key).toString();
    }

    SignedZone with(String owner, String type, String data) {
        if (type.equals("TLSA")) {
            String hex = data.replaceAll("(\\d) (\\d) (\\d) ", "0$10$20$3");
            return tlsa(owner, java.util.HexFormat.of().parseHex(hex));
        }
        try {
            return put(
                    Record.fromString(
                            name(owner), Type.value(type), DClass.IN, 60, data, Name.root));
        } catch (IOException e) {
            throw new IllegalArgumentException(owner + " " + type + " " + data, e);
        }
    }

    /// A TLSA record with data of any length.
    SignedZone tlsa(String owner, byte... data) {
        return put(Record.newRecord(name(owner), Type.TLSA, DClass.IN, 60, data));
    }

    private SignedZone put(Record record) {
        records.computeIfAbsent(key(record.getName(), record.getType()), _ -> new ArrayList<>())
                .add(record);
        return this;
    }

    private static String key(Name owner, int type) {
        return owner.toString(true) + " " + Type.string(type);
    }

    /// Answers to one question are bent.
    SignedZone bend(String owner, String type, UnaryOperator<Message> how) {
        bent.put(owner + " " + type, how);
        return this;
    }

    /// A name that does not exist: NXDOMAIN, with a proof.
    SignedZone absent(String owner) {
        absent.add(name(owner));
        return this;
    }

    static Message servfail(Message answer) {
        Message failure = new Message(answer.getHeader().getID());
        failure.getHeader().setFlag(Flags.QR);
        failure.getHeader().setRcode(Rcode.SERVFAIL);
        failure.addRecord(answer.getQuestion(), Section.QUESTION);
        return failure;
    }

    static Message withoutSignatures(Message answer) {
        for (int section : List.of(Section.ANSWER, Section.AUTHORITY)) {
            for (Record each : List.copyOf(answer.getSection(section))) {
                if (each.getType() == Type.RRSIG) {
                    answer.removeRecord(each, section);
                }
            }
        }
        return answer;
    }

    /// What a server would say.
    Optional<Message> answer(Message query) {
        Record question = query.getQuestion();
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.addRecord(question, Section.QUESTION);
        try {
            fill(answer, question.getName(), question.getType(), 0);
        } catch (DNSSEC.DNSSECException e) {
            throw new IllegalStateException(e);
        }
        String asked = key(question.getName(), question.getType());
        return Optional.of(bent.getOrDefault(asked, it -> it).apply(answer));
    }

    private void fill(Message answer, Name name, int type, int hops) throws DNSSEC.DNSSECException {
        if (absent.contains(name)) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
            Record all = new NSECRecord(ZONE, DClass.IN, 60, name("zz.signed.example"), NSEC_TYPES);
            add(answer, Section.AUTHORITY, soa(), true);
            add(answer, Section.AUTHORITY, List.of(all), true);
            return;
        }
        List<Record> found = records.getOrDefault(key(name, type), List.of());
        List<Record> alias = records.getOrDefault(key(name, Type.CNAME), List.of());
        if (!found.isEmpty()) {
            add(answer, Section.ANSWER, found, isSigned(name, type));
        } else if (!alias.isEmpty() && hops < 5) {
            add(answer, Section.ANSWER, alias, isSigned(name, Type.CNAME));
            fill(answer, ((CNAMERecord) alias.getFirst()).getTarget(), type, hops + 1);
        } else if (name.equals(ZONE) || isSigned(name, type)) {
            add(answer, Section.AUTHORITY, soa(), true);
            add(answer, Section.AUTHORITY, List.of(denial(name)), true);
        }
    }

    private List<Record> soa() {
        return records.getOrDefault(key(ZONE, Type.SOA), List.of());
    }

    /// The delegation itself is the parent's, all below is not.
    private static boolean isSigned(Name name, int type) {
        return name.subdomain(ZONE)
                && (!name.subdomain(UNSIGNED) || (name.equals(UNSIGNED) && type == Type.DS));
    }

    private Record denial(Name name) throws DNSSEC.DNSSECException {
        Set<Integer> types = new LinkedHashSet<>(List.of(Type.RRSIG, Type.NSEC));
        records.forEach((key, list) -> {
            if (list.getFirst().getName().equals(name)) {
                types.add(list.getFirst().getType());
            }
        });
        try {
            Name next = Name.concatenate(Name.fromString("\\000"), name);
            int[] all = types.stream().mapToInt(Integer::intValue).toArray();
            return new NSECRecord(name, DClass.IN, 60, next, all);
        } catch (IOException e) {
            throw new IllegalArgumentException(name.toString(), e);
        }
    }

    private void add(Message answer, int section, List<Record> set, boolean signed)
            throws DNSSEC.DNSSECException {
        set.forEach(each -> answer.addRecord(each, section));
        if (signed) {
            answer.addRecord(
                    DNSSEC.sign(
                            new RRset(set.toArray(Record[]::new)),
                            key,
                            keys.getPrivate(),
                            now.minus(Duration.ofDays(1)),
                            now.plus(Duration.ofDays(1))),
                    section);
        }
    }
}

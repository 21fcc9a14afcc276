package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;
import smtpd.core.sasl.SaslPrep;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// SCRAM (RFC 5802 §5, §7) on the server's side, up to what needs a user's keys.
///
/// @param plus whether the client must bind to the TLS connection
/// @param bindings what it can bind to
/// @param nonce makes ours
record Scram(boolean plus, ChannelBindings bindings, Supplier<String> nonce) {
    /// Longest nonce of a client: with the longest salt a challenge fits into one reply.
    private static final int NONCE_MAX = 160;

    /// RFC 5802 §7: `printable`.
    private static final Pattern NONCE = Pattern.compile("[!-+\\--~]{1," + NONCE_MAX + "}");

    /// RFC 5802 §7: `cb-name`.
    private static final Pattern BINDING = Pattern.compile("[A-Za-z0-9.-]{1,64}");

    /// Extensions a message may have; none is known, none that may be ignored is refused.
    private static final int ATTRIBUTES_MAX = 16;

    static Scram of(boolean plus, ChannelBindings bindings, Supplier<String> nonce) {
        return new Scram(plus, bindings, nonce);
    }

    /// The client's first message, read.
    ///
    /// @param header of GS2, with its commas
    /// @param binding the name of the binding it uses; empty for none
    /// @param user who it says it is
    /// @param nonce its
    /// @param bare the message without the header
    private record First(String header, String binding, String user, String nonce, String bare) {}

    /// Takes the client's first message.
    Turn first(Bytes message) {
        Optional<String> text = Texts.utf8(message);
        String[] parts = text.map(it -> it.split(",", 3)).orElse(new String[0]);
        if (parts.length < 3 || !(parts[1].isEmpty() || parts[1].startsWith("a="))) {
            return new Turn.Malformed("no message of SCRAM");
        }
        String header = parts[0] + "," + parts[1] + ",";
        Optional<List<String>> attributes = attributes(parts[2]);
        if (attributes.isEmpty() || attributes.get().size() < 2) {
            return new Turn.Malformed("no message of SCRAM");
        }
        Optional<String> user = value(attributes.get().get(0), 'n').flatMap(Scram::name);
        Optional<String> theirs =
                value(attributes.get().get(1), 'r').filter(it -> NONCE.matcher(it).matches());
        if (user.isEmpty() || theirs.isEmpty()) {
            // what comes before the name would be an extension that must be known (RFC 5802 §5.1)
            return new Turn.Malformed("name or nonce missing");
        }
        return bound(new First(header, parts[0], user.get(), theirs.get(), parts[2]));
    }

    /// RFC 5802 §6: what the client says of channel binding must fit the mechanism it chose.
    private Turn bound(First first) {
        String flag = first.binding();
        if (flag.equals("n") || flag.equals("y")) {
            if (plus) {
                return new Turn.Malformed("channel binding missing");
            }
            // it could have bound, and was told it could not: somebody is in between
            return flag.equals("y") && bindings.any()
                    ? new Turn.Refused(first.user(), "channel binding was offered")
                    : ask(first, Bytes.EMPTY);
        }
        Optional<String> name = value(flag, 'p').filter(it -> BINDING.matcher(it).matches());
        if (name.isEmpty() || !plus) {
            return new Turn.Malformed("channel binding not expected");
        }
        return bindings.of(name.get())
                .map(binding -> ask(first, binding))
                .orElseGet(() -> new Turn.Refused(first.user(), "unknown channel binding"));
    }

    private Turn ask(First first, Bytes binding) {
        return new Turn.FetchSalt(first.user(), salt -> challenge(first, binding, salt));
    }

    private Turn challenge(First first, Bytes binding, Turn.Salt salt) {
        String both = first.nonce() + nonce.get();
        String challenge =
                "r="
                        + both
                        + ",s="
                        + Base64.getEncoder().encodeToString(salt.salt().toByteArray())
                        + ",i="
                        + salt.iterations();
        return new Turn.Challenge(
                Bytes.of(challenge), it -> last(first, binding, both, challenge, it));
    }

    /// Takes the client's final message.
    private static Turn last(
            First first, Bytes binding, String both, String challenge, Bytes message) {
        String text = Texts.utf8(message).orElse("");
        int end = text.lastIndexOf(",p=");
        Optional<List<String>> attributes =
                end < 0 ? Optional.empty() : attributes(text.substring(0, end));
        if (attributes.isEmpty() || attributes.get().size() < 2) {
            return new Turn.Malformed("no message of SCRAM");
        }
        Optional<Bytes> bound = value(attributes.get().get(0), 'c').flatMap(Scram::base64);
        Optional<String> nonce = value(attributes.get().get(1), 'r');
        Optional<Bytes> proof = base64(text.substring(end + 3));
        if (bound.isEmpty() || nonce.isEmpty() || proof.isEmpty()) {
            return new Turn.Malformed("no message of SCRAM");
        }
        if (!bound.get().equals(joined(first.header(), binding))) {
            return new Turn.Refused(first.user(), "bound to another connection");
        }
        if (!nonce.get().equals(both)) {
            return new Turn.Refused(first.user(), "another nonce");
        }
        String said = first.bare() + "," + challenge + "," + text.substring(0, end);
        return new Turn.CheckProof(
                first.user(), said, proof.get(), signature -> verified(first.user(), signature));
    }

    /// Our signature is a challenge like any other; the client acknowledges it with an empty
    /// response (RFC 4422 §5, for protocols whose success has no room for it).
    private static Turn verified(String user, Bytes signature) {
        String text = "v=" + Base64.getEncoder().encodeToString(signature.toByteArray());
        return new Turn.Challenge(
                Bytes.of(text),
                it ->
                        it.length() == 0
                                ? new Turn.Proved(user)
                                : new Turn.Malformed("empty response expected"));
    }

    private static Bytes joined(String header, Bytes binding) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(head, head.length + binding.length());
        System.arraycopy(binding.toByteArray(), 0, all, head.length, binding.length());
        return Bytes.of(all);
    }

    /// `x=value` separated by commas; empty when it is something else.
    private static Optional<List<String>> attributes(String text) {
        List<String> attributes = new ArrayList<>(List.of(text.split(",", ATTRIBUTES_MAX)));
        boolean good = attributes.stream().allMatch(it -> it.length() > 2 && it.charAt(1) == '=');
        return good ? Optional.of(attributes) : Optional.empty();
    }

    private static Optional<String> value(String attribute, char name) {
        return attribute.length() > 2 && attribute.charAt(0) == name && attribute.charAt(1) == '='
                ? Optional.of(attribute.substring(2))
                : Optional.empty();
    }

    /// RFC 5802 §5.1: `=2C` is a comma and `=3D` an equals sign; prepared like passwords.
    private static Optional<String> name(String encoded) {
        String decoded = encoded.replace("=2C", ",").replace("=3D", "=");
        boolean whole = !encoded.replace("=2C", "").replace("=3D", "").contains("=");
        return whole ? SaslPrep.prepare(decoded).filter(Texts::isName) : Optional.empty();
    }

    private static Optional<Bytes> base64(String text) {
        try {
            return Optional.of(Bytes.of(Base64.getDecoder().decode(text)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}

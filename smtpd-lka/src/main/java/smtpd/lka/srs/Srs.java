package smtpd.lka.srs;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.SrsOptions;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.AddressParser;
import smtpd.core.smtp.Quoting;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/// Sender rewriting (SRS): forwarded mail gets a sender at this server, so that the next one's
/// sender policy (SPF) fits; a report sent there finds its way back.
///
/// `SRS0=HHHH=TT=domain=user@us` for a sender of somebody else, `SRS1=HHHH=first==HHHH=TT=domain=
/// user@us` for one that a first forwarder has rewritten already. `TT` is the day modulo 1024 in
/// base32. `HHHH` is the beginning of base64(SHA-1(key, what follows it)) and makes the address
/// usable only by those we sent mail to, for as long as the ttl. OpenSMTPD: the same, so that
/// either understands the other's addresses; here it is also made sure that the tag of an address
/// at our own name is genuine, or the recipient is refused.
public final class Srs {
    /// Longest local part we make; a longer one stays as it was (OpenSMTPD: the same).
    static final int LOCAL_PART_MAX = AddressParser.REWRITTEN_MAX;

    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// What may stand after `SRS0` and `SRS1`.
    private static final String SEPARATORS = "=+-";

    private static final int PREFIX = 5;
    private static final int HASH = 4;
    private static final int DAY_BITS = 5;
    private static final int DAYS = 1 << (2 * DAY_BITS);
    private static final Duration DAY = Duration.ofDays(1);

    /// How far ahead a clock that made an address may be, in days.
    private static final int AHEAD = 1;

    private final SrsOptions options;
    private final String hostname;

    /// @param options keys and ttl
    /// @param hostname our name, where the addresses we make are
    public Srs(SrsOptions options, String hostname) {
        this.options = options;
        this.hostname = hostname;
    }

    /// What a recipient of a report turned out to be.
    public sealed interface Decoded {
        /// No rewritten address, or one of a server that is not ours.
        ///
        /// @param reason what is wrong with one that looks like ours; empty for others
        record AsItIs(String reason) implements Decoded {}

        /// The sender before we rewrote it.
        record Original(MailAddr addr) implements Decoded {}

        /// An address at our own name that we did not make, or made too long ago.
        record Refused(String reason) implements Decoded {}
    }

    private static final Decoded NO_SRS = new Decoded.AsItIs("");

    /// The sender to give when mail of that sender is forwarded; unchanged for the null sender, for
    /// one at our own name, and where the result would be too long.
    public MailAddr encode(MailAddr sender, Instant now) {
        if (options.key().isEmpty()
                || sender.isNull()
                || sender.domain().isEmpty()
                || sender.domain().equalsIgnoreCase(hostname)) {
            return sender;
        }
        String content = rewritten(Quoting.content(sender.user()), sender.domain(), now);
        String localPart = Quoting.localPart(content);
        return octets(localPart).length > LOCAL_PART_MAX
                ? sender
                : new MailAddr(localPart, hostname);
    }

    private String rewritten(String user, String domain, Instant now) {
        char form = form(user);
        if (form == '0') {
            return signed("SRS1=", domain + "=" + user.substring(PREFIX - 1));
        }
        return form == '1' && hasHash(user)
                ? signed("SRS1=", user.substring(PREFIX + HASH + 1))
                : signed("SRS0=", day(now) + "=" + domain + "=" + user);
    }

    private String signed(String prefix, String text) {
        return prefix + hash(options.key(), text + "@" + hostname) + "=" + text;
    }

    /// Finds the sender that a rewritten address stands for.
    public Decoded decode(MailAddr rcpt, Instant now) {
        String user = Quoting.content(rcpt.user());
        char form = form(user);
        if (form == 0 || options.key().isEmpty()) {
            return NO_SRS;
        }
        boolean ours = rcpt.domain().equalsIgnoreCase(hostname);
        String text = hasHash(user) ? user.substring(PREFIX + HASH + 1) : "";
        String given = hasHash(user) ? user.substring(PREFIX, PREFIX + HASH) : "";
        if (!isGenuine(given, text + "@" + (ours ? hostname : rcpt.domain()))) {
            return wrong(ours, "its tag is not of our making");
        }
        if (isExpired(form == '0' ? text : firstHop(text), now)) {
            return wrong(ours, "it is too old");
        }
        MailAddr original = form == '0' ? original(text) : firstForwarder(text);
        return original == null
                ? wrong(ours, "it does not hold an address")
                : new Decoded.Original(original);
    }

    private static Decoded wrong(boolean ours, String reason) {
        return ours ? new Decoded.Refused(reason) : new Decoded.AsItIs(reason);
    }

    /// `0` or `1` for a rewritten address, else NUL. The prefix is told from the rest of the local
    /// part in any case of letters.
    private static char form(String user) {
        boolean fits =
                user.length() > PREFIX
                        && user.regionMatches(true, 0, "SRS", 0, 3)
                        && SEPARATORS.indexOf(user.charAt(PREFIX - 1)) >= 0;
        char digit = fits ? user.charAt(3) : 0;
        return digit == '0' || digit == '1' ? digit : 0;
    }

    private static boolean hasHash(String user) {
        return user.length() > PREFIX + HASH + 1
                && SEPARATORS.indexOf(user.charAt(PREFIX + HASH)) >= 0;
    }

    /// Both keys are tried whether or not the first fits, and compared in constant time.
    private boolean isGenuine(String given, String text) {
        String backup = options.backupKey().isEmpty() ? options.key() : options.backupKey();
        boolean current = fits(options.key(), given, text);
        boolean former = fits(backup, given, text);
        return current || former;
    }

    private static boolean fits(String key, String given, String text) {
        return MessageDigest.isEqual(octets(given), octets(hash(key, text)));
    }

    private static String hash(String key, String text) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(octets(key));
            String base64 = Base64.getEncoder().encodeToString(sha1.digest(octets(text)));
            return base64.substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int today(Instant now) {
        return Math.floorMod(Math.floorDiv(now.getEpochSecond(), DAY.toSeconds()), DAYS);
    }

    private static String day(Instant now) {
        int day = today(now);
        return "" + BASE32.charAt(day >> DAY_BITS) + BASE32.charAt(day & ((1 << DAY_BITS) - 1));
    }

    /// Whether the text that begins with a day is out of date, or does not begin with one.
    private boolean isExpired(String text, Instant now) {
        int high = text.length() < 3 ? -1 : BASE32.indexOf(text.charAt(0));
        int low = text.length() < 3 ? -1 : BASE32.indexOf(text.charAt(1));
        if (high < 0 || low < 0 || SEPARATORS.indexOf(text.charAt(2)) < 0) {
            return true;
        }
        int age = Math.floorMod(today(now) - (high << DAY_BITS | low), DAYS);
        return age > options.ttl().toDays() && age < DAYS - AHEAD;
    }

    /// What follows the first forwarder's tag in `first==HHHH=TT=domain=user`.
    private static String firstHop(String text) {
        int first = text.indexOf('=');
        int tag = first < 0 ? -1 : text.indexOf('=', first + 2);
        return tag < 0 ? "" : text.substring(tag + 1);
    }

    /// `TT=domain=user`.
    private static @Nullable MailAddr original(String text) {
        int domain = text.indexOf('=', 3);
        return domain < 0 ? null : address(text.substring(domain + 1), text.substring(3, domain));
    }

    /// `first==HHHH=TT=domain=user`: an address at that first forwarder, in its own form.
    private static @Nullable MailAddr firstForwarder(String text) {
        int first = text.indexOf('=');
        return address("SRS0" + text.substring(first + 1), text.substring(0, first));
    }

    private static @Nullable MailAddr address(String content, String domain) {
        String text = Quoting.localPart(content) + "@" + domain;
        return AddressParser.parseMailbox(text, true) instanceof AddressParser.Result.Parsed parsed
                        && !parsed.address().domain().isEmpty()
                ? parsed.address()
                : null;
    }
}

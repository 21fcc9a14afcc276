package smtpd.core.smtp;

import smtpd.core.mail.Dsn;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the parameters behind the path of MAIL and RCPT (RFC 5321 §4.1.2, esmtp-param).
final class ParamParser {
    /// Longest ENVID as written (RFC 3461 §5.4).
    static final int ENVID_MAX = 100;

    /// Longest ORCPT as written (RFC 3461 §5.4).
    static final int ORCPT_MAX = 500;

    /// Longest AUTH as written (RFC 4954 §5).
    static final int AUTH_MAX = 500;

    /// More parameters than all extensions define are refused before they are looked at.
    private static final int PARAMS_MAX = 32;

    private static final int SHOWN_MAX = 64;

    private static final String UTF8_TYPE = "utf-8;";

    private ParamParser() {}

    /// The parameters, or what to answer.
    sealed interface Result {
        record Mail(MailParams params) implements Result {}

        record Rcpt(RcptParams params) implements Result {}

        record Refused(Reply reply) implements Result {}
    }

    /// A parameter that was refused; never leaves this class.
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Reply reply;

        Refusal(Reply reply) {
            super(reply.line(), null, false, false);
            this.reply = reply;
        }
    }

    static Result mail(String rest, CommandParser.Extensions extensions) {
        try {
            return new Result.Mail(mailParams(split(rest), extensions));
        } catch (Refusal refusal) {
            return new Result.Refused(refusal.reply);
        }
    }

    /// @param utf8 whether the transaction was begun with SMTPUTF8
    static Result rcpt(String rest, CommandParser.Extensions extensions, boolean utf8) {
        try {
            return new Result.Rcpt(rcptParams(split(rest), extensions, utf8));
        } catch (Refusal refusal) {
            return new Result.Refused(refusal.reply);
        }
    }

    /// Digits as a number of octets: -1 if `text` is not 1 to 20 digits (RFC 1870 §3),
    /// [Long#MAX_VALUE] if it is larger than that.
    static long octets(String text) {
        if (text.isEmpty() || text.length() > 20) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return value;
    }

    /// Keyword in upper case to value, in the order given; no value and an empty one are told apart
    /// by the `=` that the value keeps in front.
    private static Map<String, String> split(String rest) throws Refusal {
        Map<String, String> params = new LinkedHashMap<>();
        if (rest.isEmpty()) {
            return params;
        }
        if (rest.charAt(0) != ' ') {
            throw refuse(501, "Syntax error: blank expected after the address");
        }
        for (String word : rest.strip().split(" +", PARAMS_MAX + 1)) {
            int equals = word.indexOf('=');
            String keyword = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals);
            if (!isKeyword(keyword)) {
                throw refuse(501, "Syntax error: bad parameter " + shown(keyword));
            }
            if (params.size() == PARAMS_MAX
                    || params.put(keyword.toUpperCase(Locale.ROOT), value) != null) {
                throw refuse(501, "Duplicate parameter " + shown(keyword));
            }
        }
        return params;
    }

    private static boolean isKeyword(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alnum =
                    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!alnum && (c != '-' || i == 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static MailParams mailParams(Map<String, String> given, CommandParser.Extensions known)
            throws Refusal {
        long size = MailParams.NO_SIZE;
        BodyType body = BodyType.UNSPECIFIED;
        boolean smtpUtf8 = false;
        String auth = "";
        Dsn.Ret ret = Dsn.Ret.UNSPECIFIED;
        String envid = "";
        for (Map.Entry<String, String> param : given.entrySet()) {
            String keyword = param.getKey();
            String value = param.getValue();
            switch (keyword) {
                case "SIZE" -> size = size(value);
                case "BODY" -> body = body(value, known);
                case "SMTPUTF8" -> smtpUtf8 = utf8(value, known);
                case "AUTH" -> auth = auth(value);
                case "RET" -> ret = ret(dsn(keyword, value, known));
                case "ENVID" -> envid = envid(dsn(keyword, value, known));
                default -> throw unknown(keyword);
            }
        }
        return new MailParams(size, body, smtpUtf8, auth, ret, envid);
    }

    private static RcptParams rcptParams(
            Map<String, String> given, CommandParser.Extensions known, boolean utf8)
            throws Refusal {
        Set<Dsn.Notify> notifyOn = Set.of();
        String orcpt = "";
        for (Map.Entry<String, String> param : given.entrySet()) {
            String keyword = param.getKey();
            String value = param.getValue();
            switch (keyword) {
                case "NOTIFY" -> notifyOn = notifyOn(dsn(keyword, value, known));
                case "ORCPT" -> orcpt = orcpt(dsn(keyword, value, known), utf8);
                default -> throw unknown(keyword);
            }
        }
        return new RcptParams(notifyOn, orcpt);
    }

    private static String dsn(String keyword, String value, CommandParser.Extensions known)
            throws Refusal {
        if (!known.dsn()) {
            throw unknown(keyword);
        }
        return value;
    }

    /// RFC 1870 §3.
    private static long size(String value) throws Refusal {
        long size = value.isEmpty() ? -1 : octets(value.substring(1));
        if (size < 0) {
            throw refuse(501, "Invalid SIZE");
        }
        return size;
    }

    /// RFC 6152 §3, RFC 3030 §3.
    private static BodyType body(String value, CommandParser.Extensions known) throws Refusal {
        return switch (value.toUpperCase(Locale.ROOT)) {
            case "=7BIT" -> BodyType.SEVEN_BIT;
            case "=8BITMIME" -> BodyType.EIGHT_BIT_MIME;
            case "=BINARYMIME" -> {
                if (!known.binaryMime()) {
                    throw refuse(501, "Invalid BODY");
                }
                yield BodyType.BINARY_MIME;
            }
            default -> throw refuse(501, "Invalid BODY");
        };
    }

    /// RFC 6531 §3.4.
    private static boolean utf8(String value, CommandParser.Extensions known) throws Refusal {
        if (!known.smtpUtf8()) {
            throw unknown("SMTPUTF8");
        }
        if (!value.isEmpty()) {
            throw refuse(501, "SMTPUTF8 takes no value");
        }
        return true;
    }

    /// RFC 4954 §5.
    private static String auth(String value) throws Refusal {
        if (value.equals("=<>")) {
            return "<>";
        }
        return xtext(value, AUTH_MAX, "AUTH");
    }

    /// RFC 3461 §4.3.
    private static Dsn.Ret ret(String value) throws Refusal {
        return switch (value.toUpperCase(Locale.ROOT)) {
            case "=FULL" -> Dsn.Ret.FULL;
            case "=HDRS" -> Dsn.Ret.HDRS;
            default -> throw refuse(501, "Invalid RET");
        };
    }

    /// RFC 3461 §4.4.
    private static String envid(String value) throws Refusal {
        return xtext(value, ENVID_MAX, "ENVID");
    }

    /// RFC 3461 §4.1: NEVER stands alone.
    private static Set<Dsn.Notify> notifyOn(String value) throws Refusal {
        EnumSet<Dsn.Notify> wishes = EnumSet.noneOf(Dsn.Notify.class);
        if (value.isEmpty()) {
            throw refuse(501, "Invalid NOTIFY");
        }
        for (String word : value.substring(1).split(",", 5)) {
            if (!wishes.add(wish(word))) {
                throw refuse(501, "Invalid NOTIFY: " + shown(word) + " twice");
            }
        }
        if (wishes.contains(Dsn.Notify.NEVER) && wishes.size() > 1) {
            throw refuse(501, "NOTIFY=NEVER cannot be combined with other values");
        }
        return wishes;
    }

    private static Dsn.Notify wish(String word) throws Refusal {
        return switch (word.toUpperCase(Locale.ROOT)) {
            case "NEVER" -> Dsn.Notify.NEVER;
            case "SUCCESS" -> Dsn.Notify.SUCCESS;
            case "FAILURE" -> Dsn.Notify.FAILURE;
            case "DELAY" -> Dsn.Notify.DELAY;
            default -> throw refuse(501, "Invalid NOTIFY");
        };
    }

    /// RFC 3461 §4.2: `addr-type;xtext`; RFC 6533 §3 has its own form for `utf-8`.
    private static String orcpt(String value, boolean utf8) throws Refusal {
        int semicolon = value.indexOf(';');
        if (semicolon < 2
                || value.length() - 1 > ORCPT_MAX
                || !isKeyword(value.substring(1, semicolon))) {
            throw refuse(501, "Invalid ORCPT");
        }
        if (value.regionMatches(true, 1, UTF8_TYPE, 0, UTF8_TYPE.length())) {
            return Xtext.decodeUtf8Address(value.substring(semicolon + 1), utf8)
                    .map(address -> UTF8_TYPE + address)
                    .orElseThrow(() -> refuse(501, "Invalid ORCPT"));
        }
        String address = xtext("=" + value.substring(semicolon + 1), ORCPT_MAX, "ORCPT");
        return value.substring(1, semicolon) + ";" + address;
    }

    /// RFC 3461 §4.4, §4.2: what xtext stands for must be printable ASCII; a line end in it would
    /// end up in the header of a report.
    private static String xtext(String value, int max, String keyword) throws Refusal {
        Optional<String> decoded =
                value.length() < 2 || value.length() - 1 > max
                        ? Optional.empty()
                        : Xtext.decode(value.substring(1));
        return decoded.filter(text -> text.chars().allMatch(c -> c >= ' ' && c <= '~'))
                .orElseThrow(() -> refuse(501, "Invalid " + keyword));
    }

    private static Refusal unknown(String keyword) {
        return refuse(555, "Unsupported option " + shown(keyword));
    }

    private static Refusal refuse(int code, String text) {
        return new Refusal(Reply.esc(code, "5.5.4", text));
    }

    private static String shown(String text) {
        return Printable.escape(text, SHOWN_MAX);
    }
}

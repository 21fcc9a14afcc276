package smtpd.core.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Idna;
import smtpd.core.mail.MailAddr;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Turns one line of a client into a [Command] (RFC 5321 §4.1).
///
/// The line is read by one rule each: a line that is no text is [Command.Malformed], as is a known
/// verb with a wrong argument; an unknown verb is [Command.Unknown] whatever follows it.
public final class CommandParser {
    private static final int VERB_SHOWN_MAX = 32;

    private static final Reply BAD_CHARACTER =
            Reply.esc(501, "5.5.2", "Syntax error: invalid character in command");

    // RFC 6531 §3.5
    private static final Reply NOT_ASCII_SENDER =
            Reply.esc(553, "5.6.7", "Sender address beyond ASCII: SMTPUTF8 not given");

    private static final Reply NOT_ASCII_RCPT =
            Reply.esc(553, "5.6.7", "Recipient address beyond ASCII: SMTPUTF8 not given");

    private final Extensions extensions;

    /// A parser for a listener that announces `extensions`.
    public CommandParser(Extensions extensions) {
        this.extensions = extensions;
    }

    /// What a listener announces, as far as it decides which parameters are known.
    ///
    /// @param dsn RET, ENVID, NOTIFY and ORCPT (RFC 3461)
    /// @param smtpUtf8 the SMTPUTF8 parameter and UTF-8 in addresses (RFC 6531)
    /// @param binaryMime BODY=BINARYMIME (RFC 3030)
    public record Extensions(boolean dsn, boolean smtpUtf8, boolean binaryMime) {}

    /// Understands `line`, given without its CRLF. `utf8` tells that the transaction was begun with
    /// SMTPUTF8, so that RCPT may name addresses beyond ASCII; for MAIL its own parameter decides.
    public Command parse(Bytes line, boolean utf8) {
        String text = decode(line);
        if (text == null) {
            return new Command.Malformed(BAD_CHARACTER);
        }
        int blank = text.indexOf(' ');
        String word = blank < 0 ? text : text.substring(0, blank);
        String argument = blank < 0 ? "" : text.substring(blank + 1).strip();
        String verb = word.toUpperCase(Locale.ROOT);
        Command command =
                Idna.isAscii(text) ? verb(verb, argument, utf8) : beyondAscii(verb, argument, utf8);
        return command instanceof Command.Malformed it
                ? new Command.Malformed(verb, path(argument), it.reply())
                : command;
    }

    private static String path(String argument) {
        int open = argument.indexOf('<');
        int close = argument.indexOf('>', open + 1);
        return open < 0 || close < 0 ? "" : argument.substring(open + 1, close);
    }

    /// RFC 6531 §3.7.4: in addresses only, and only where SMTPUTF8 was given.
    private Command beyondAscii(String verb, String argument, boolean utf8) {
        return switch (verb) {
            case "MAIL" -> verb(verb, argument, utf8);
            case "RCPT" -> utf8 ? rcpt(argument, true) : new Command.Malformed(NOT_ASCII_RCPT);
            case "VRFY", "EXPN" ->
                    argument.toUpperCase(Locale.ROOT).endsWith(" SMTPUTF8")
                            ? verb(verb, argument, utf8)
                            : new Command.Malformed(NOT_ASCII_RCPT);
            default -> new Command.Malformed(BAD_CHARACTER);
        };
    }

    private Command verb(String verb, String argument, boolean utf8) {
        return switch (verb) {
            case "HELO", "EHLO", "LHLO" -> hello(verb, argument);
            case "MAIL" -> mail(argument);
            case "RCPT" -> rcpt(argument, utf8);
            case "DATA" -> bare(argument, new Command.Data());
            case "BDAT" -> bdat(argument);
            case "RSET" -> bare(argument, new Command.Rset());
            case "NOOP" -> new Command.Noop();
            case "QUIT" -> bare(argument, new Command.Quit());
            case "HELP" -> new Command.Help(argument);
            case "VRFY" -> worded(argument, new Command.Vrfy(argument));
            case "EXPN" -> worded(argument, new Command.Expn(argument));
            case "ETRN" -> worded(argument, new Command.Etrn(argument));
            case "STARTTLS" -> bare(argument, new Command.StartTls());
            case "AUTH" -> auth(argument);
            case "GET",
                    "POST",
                    "PUT",
                    "HEAD",
                    "OPTIONS",
                    "DELETE",
                    "CONNECT",
                    "PATCH",
                    "TRACE",
                    "PRI" ->
                    new Command.Http(verb);
            default -> new Command.Unknown(Printable.escape(verb, VERB_SHOWN_MAX), argument);
        };
    }

    /// The text of a line: ASCII without controls, or UTF-8 where that was announced; null for
    /// anything else.
    private @Nullable String decode(Bytes line) {
        byte[] octets = line.toByteArray();
        boolean ascii = true;
        for (byte octet : octets) {
            if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
                return null;
            }
            ascii &= octet >= 0;
        }
        if (ascii) {
            return new String(octets, StandardCharsets.US_ASCII);
        }
        if (!extensions.smtpUtf8()) {
            return null;
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
            return text.chars().noneMatch(c -> c >= 0x80 && c < 0xa0) ? text : null;
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static Command hello(String verb, String argument) {
        if (!Domains.isHelo(argument)) {
            String text = argument.isEmpty() ? " needs a domain or address" : " with a bad domain";
            return syntax("5.5.4", "Invalid arguments: " + verb + text);
        }
        return switch (verb) {
            case "HELO" -> new Command.Helo(argument);
            case "EHLO" -> new Command.Ehlo(argument);
            default -> new Command.Lhlo(argument);
        };
    }

    private Command mail(String argument) {
        String rest = afterKeyword(argument, "FROM:");
        if (rest == null) {
            return syntax("5.5.4", "Invalid arguments: MAIL FROM:<address> expected");
        }
        // Whether UTF-8 is allowed in the address is told by a parameter behind it.
        return switch (AddressParser.parsePath(rest, extensions.smtpUtf8())) {
            case AddressParser.Result.Parsed parsed -> mail(parsed.address(), parsed.rest());
            case AddressParser.Result.Invalid invalid -> badSender(invalid.reason());
        };
    }

    private Command mail(MailAddr sender, String rest) {
        return switch (ParamParser.mail(rest, extensions)) {
            case ParamParser.Result.Mail mail ->
                    mail.params().smtpUtf8() || sender.isAscii()
                            ? new Command.Mail(sender, mail.params())
                            : new Command.Malformed(NOT_ASCII_SENDER);
            case ParamParser.Result.Refused refused -> new Command.Malformed(refused.reply());
            case ParamParser.Result.Rcpt _ -> throw new IllegalStateException("RCPT for MAIL");
        };
    }

    private Command rcpt(String argument, boolean utf8) {
        String rest = afterKeyword(argument, "TO:");
        if (rest == null) {
            return syntax("5.5.4", "Invalid arguments: RCPT TO:<address> expected");
        }
        return switch (AddressParser.parsePath(rest, utf8)) {
            case AddressParser.Result.Parsed parsed when parsed.address().isNull() ->
                    badRcpt("empty path");
            case AddressParser.Result.Parsed parsed -> rcpt(parsed.address(), parsed.rest(), utf8);
            case AddressParser.Result.Invalid invalid -> badRcpt(invalid.reason());
        };
    }

    private Command rcpt(MailAddr rcpt, String rest, boolean utf8) {
        return switch (ParamParser.rcpt(rest, extensions, utf8)) {
            case ParamParser.Result.Rcpt params -> new Command.Rcpt(rcpt, params.params());
            case ParamParser.Result.Refused refused -> new Command.Malformed(refused.reply());
            case ParamParser.Result.Mail _ -> throw new IllegalStateException("MAIL for RCPT");
        };
    }

    /// RFC 3030 §2: `BDAT size [LAST]`.
    private static Command bdat(String argument) {
        String[] words = argument.split(" +", 3);
        long size = ParamParser.octets(words[0]);
        boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
        if (size < 0 || words.length > 2 || (words.length == 2 && !last)) {
            return syntax("5.5.4", "Invalid arguments: BDAT size [LAST] expected");
        }
        return new Command.Bdat(size, last);
    }

    /// RFC 4954 §4: `AUTH mechanism [initial-response]`.
    private static Command auth(String argument) {
        String[] words = argument.split(" +", 3);
        if (words[0].isEmpty() || words.length > 2 || !words[0].matches("[A-Za-z0-9_-]{1,20}")) {
            return syntax("5.5.4", "Invalid arguments: AUTH mechanism [response] expected");
        }
        return new Command.Auth(
                words[0].toUpperCase(Locale.ROOT), words.length == 2 ? words[1] : "");
    }

    private static Command bare(String argument, Command command) {
        return argument.isEmpty()
                ? command
                : syntax("5.5.4", "Invalid arguments: no argument allowed");
    }

    private static Command worded(String argument, Command command) {
        return argument.isEmpty() ? syntax("5.5.4", "Invalid arguments: argument needed") : command;
    }

    /// What follows `keyword` and the blanks that some clients put behind it (RFC 5321 §3.3
    /// relaxed); null if `argument` does not begin with it.
    private static @Nullable String afterKeyword(String argument, String keyword) {
        return argument.regionMatches(true, 0, keyword, 0, keyword.length())
                ? argument.substring(keyword.length()).stripLeading()
                : null;
    }

    private static Command badSender(String reason) {
        return new Command.Malformed(
                Reply.esc(553, "5.1.7", "Sender address syntax error: " + reason));
    }

    private static Command badRcpt(String reason) {
        return new Command.Malformed(
                Reply.esc(501, "5.1.3", "Recipient address syntax error: " + reason));
    }

    private static Command syntax(String esc, String text) {
        return new Command.Malformed(Reply.esc(501, esc, text));
    }
}

package smtpd.core.conf;

/// One token of a configuration.
///
/// @param kind its kind
/// @param text the word, the string without its quotes, the digits, or the single character
/// @param where its first character
record Token(Kind kind, String text, Location where) {
    enum Kind {
        /// A reserved word, unquoted.
        KEYWORD,
        /// Any other word, or a quoted string.
        STRING,
        /// Digits, perhaps with a minus sign.
        NUMBER,
        /// A character that is part of no word, or `=>`.
        SIGN,
        /// The end of a line.
        NEWLINE,
        /// The end of the outermost file.
        END,
        /// What could not be read; the error was reported.
        BAD
    }

    boolean isKeyword(String word) {
        return kind == Kind.KEYWORD && text.equals(word);
    }

    boolean isSign(String sign) {
        return kind == Kind.SIGN && text.equals(sign);
    }
}

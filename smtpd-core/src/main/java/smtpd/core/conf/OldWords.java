package smtpd.core.conf;

import java.util.List;

/// The words of one directive of the old grammar, read one after the other.
final class OldWords {
    private final List<Token> words;
    private int at;

    OldWords(List<Token> words) {
        this.words = List.copyOf(words);
    }

    boolean more() {
        return at < words.size();
    }

    /// The next word, empty at the end.
    String peek() {
        return more() ? words.get(at).text() : "";
    }

    String next() {
        String word = peek();
        at++;
        return word;
    }

    boolean accept(String word) {
        if (more() && !isSign() && peek().equals(word)) {
            at++;
            return true;
        }
        return false;
    }

    boolean acceptSign(String sign) {
        if (more() && words.get(at).isSign(sign)) {
            at++;
            return true;
        }
        return false;
    }

    boolean isSign() {
        return more() && words.get(at).kind() == Token.Kind.SIGN;
    }

    /// Whether a value stands here: a string that is no word of the grammar.
    boolean isValue() {
        return more() && words.get(at).kind() == Token.Kind.STRING;
    }
}

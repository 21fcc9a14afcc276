package smtpd.mta;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The source addresses that the operator has stopped towards a domain: `smtpctl pause mta from
/// ADDRESS for DOMAIN`. Forgotten with the process (OpenSMTPD: the same).
final class Blocks {
    private static final String ALL = "*";

    private final Set<Block> blocks = new LinkedHashSet<>();

    private record Block(String source, String domain) {
        static Block of(String source, String domain) {
            String literal = Resolver.literal(source);
            return new Block(literal.isEmpty() ? source : literal, domain.toLowerCase(Locale.ROOT));
        }
    }

    /// @return false if that is how it was
    boolean set(String source, String domain, boolean on) {
        Block block = Block.of(source, domain);
        return on ? blocks.add(block) : blocks.remove(block);
    }

    /// Whether nothing goes from a source to a domain.
    boolean has(String source, String domain) {
        return !blocks.isEmpty()
                && (blocks.contains(new Block(source, domain))
                        || blocks.contains(new Block(source, ALL)));
    }

    /// `SRC -> domain`, in the order they were made.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        blocks.forEach(block -> lines.add(block.source() + " -> " + block.domain()));
        return lines;
    }
}

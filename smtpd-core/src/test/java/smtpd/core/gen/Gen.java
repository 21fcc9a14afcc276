package smtpd.core.gen;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// A source of random test values that a seed repeats. [#forAll] runs a property under many seeds
/// and names the failing one; `-Dgen.seed=N` runs that one alone.
public final class Gen {
    private final SplittableRandom random;

    /// A generator that yields the same values for the same seed.
    public Gen(long seed) {
        random = new SplittableRandom(seed);
    }

    /// Runs `property` with seeds 1 to `runs`.
    public static void forAll(int runs, Consumer<Gen> property) {
        long only = Long.getLong("gen.seed", 0);
        long first = only == 0 ? 1 : only;
        long last = only == 0 ? runs : only;
        for (long seed = first; seed <= last; seed++) {
            try {
                property.accept(new Gen(seed));
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("repeat with -Dgen.seed=" + seed, failure);
            }
        }
    }

    /// A number from 0 to below `bound`.
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /// Yes in one of `n` cases.
    public boolean oneIn(int n) {
        return below(n) == 0;
    }

    /// One of the choices.
    public String pick(List<String> choices) {
        return choices.get(below(choices.size()));
    }

    /// Up to `max` choices one after the other.
    public String run(List<String> choices, int max) {
        StringBuilder out = new StringBuilder();
        for (int i = below(max + 1); i > 0; i--) {
            out.append(pick(choices));
        }
        return out.toString();
    }

    /// Random bytes, at most `max`.
    public byte[] bytes(int max) {
        byte[] bytes = new byte[below(max + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Lengths of random pieces that add up to `length`; small ones often, empty ones sometimes.
    public List<Integer> split(int length) {
        List<Integer> pieces = new ArrayList<>();
        int left = length;
        while (left > 0) {
            int piece = oneIn(4) ? below(left + 1) : Math.min(left, below(4));
            pieces.add(piece);
            left -= piece;
        }
        return pieces;
    }
}

package smtpd.control.stat;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How one key went, in columns of equal width, oldest first.
///
/// @param isLevel whether a value is the highest the level stood in its column, rather than what
///   was added to the total in it
/// @param start when the first column begins, in seconds since 1970
/// @param width of a column, in seconds
/// @param values null where nothing is known, as when the daemon did not run
public record Series(boolean isLevel, long start, long width, List<@Nullable Long> values) {
    public Series {
        values = Collections.unmodifiableList(new ArrayList<>(values));
    }

    /// The sum with another of the same columns; what is unknown of both is unknown.
    public Series plus(Series other) {
        List<@Nullable Long> sums = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Long one = values.get(i);
            Long two = other.values.get(i);
            sums.add(one == null ? two : two == null ? one : Long.valueOf(one + two));
        }
        return new Series(isLevel, start, width, sums);
    }

    /// What was added in all columns.
    public long sum() {
        return values.stream().mapToLong(it -> it == null ? 0 : it).sum();
    }

    /// The highest value.
    public long most() {
        return values.stream().mapToLong(it -> it == null ? 0 : it).max().orElse(0);
    }
}

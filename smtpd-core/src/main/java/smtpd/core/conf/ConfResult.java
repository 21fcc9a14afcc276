package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;

/// What reading a configuration gave: a value exactly when there is no error.
///
/// @param config the configuration; null when there are errors
/// @param errors in the order found
/// @param warnings by line
public record ConfResult(
        @Nullable Config config, List<ConfError> errors, List<ConfWarning> warnings) {
    public ConfResult {
        errors = List.copyOf(errors);
        warnings =
                warnings.stream()
                        .sorted(Comparator.comparing(warning -> warning.where().line()))
                        .toList();
        if ((config == null) == errors.isEmpty()) {
            throw new IllegalArgumentException("a configuration or errors");
        }
    }
}

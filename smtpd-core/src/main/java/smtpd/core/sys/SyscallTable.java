package smtpd.core.sys;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;

/// The numbers of all system calls by name, for one machine, from `syscalls.tsv`.
final class SyscallTable {
    private static final int ABSENT = -1;

    private final Map<String, Integer> numbers;

    private SyscallTable(Map<String, Integer> numbers) {
        this.numbers = numbers;
    }

    /// The table of x86_64, or of aarch64.
    static SyscallTable of(boolean x86) {
        Map<String, Integer> numbers = new TreeMap<>();
        try (InputStream in = SyscallTable.class.getResourceAsStream("syscalls.tsv");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(in), StandardCharsets.US_ASCII))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (!line.startsWith("#")) {
                    String[] columns = line.split("\t", -1);
                    String number = columns[x86 ? 1 : 2];
                    numbers.put(columns[0], number.equals("-") ? ABSENT : Integer.valueOf(number));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SyscallTable(numbers);
    }

    /// The number of a call; empty if the machine has no such call.
    ///
    /// @throws IllegalArgumentException if no machine has it: a misspelt name
    OptionalInt number(String name) {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalArgumentException("no system call named " + name);
        }
        return number == ABSENT ? OptionalInt.empty() : OptionalInt.of(number);
    }
}

package smtpd.lka.expand;

import smtpd.lka.table.Answer;

/// Who reads the files that alias tables include. May block.
@FunctionalInterface
public interface IncludeFiles {
    /// Longest file, so that one line of an alias table cannot fill the heap.
    int SIZE_MAX = 1 << 20;

    /// The text of a file, "no" when there is none, "not now" when it cannot be read.
    Answer read(String path);
}

package smtpd.mda;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// Makes the names of messages in maildirs: `TIME.RANDOM.HOST`, as OpenSMTPD does.
///
/// A rename would replace a message of the same name, so no two names of this process are equal
/// within 2^32 deliveries: the random part is a random start that is counted on.
final class MaildirNames {
    /// Odd, so that counting by it meets every number once; large, so that names do not look
    /// counted.
    private static final int STEP = 0x9e3779b1;

    private final String host;
    private final AtomicInteger next;

    /// @param host our name
    /// @param random chooses the start
    MaildirNames(String host, RandomGenerator random) {
        this.host = host.replace("/", "\\057").replace(":", "\\072");
        next = new AtomicInteger(random.nextInt());
    }

    String name(Instant now) {
        return now.getEpochSecond()
                + "."
                + java.util.HexFormat.of().toHexDigits(next.getAndAdd(STEP))
                + "."
                + host;
    }
}

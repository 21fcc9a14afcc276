package smtpd.queue.store;

import smtpd.core.conf.Compression;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Ways to pack, and keys, for tests.
final class Packings {
    /// Limits without a floor of free space.
    static final StoreLimits NO_FLOOR = new StoreLimits(100_000, 25, 0, 0);

    private Packings() {}

    /// A key that follows from a number.
    static MasterKey key(int number) {
        byte[] bytes = new byte[MasterKey.SIZE];
        Arrays.fill(bytes, (byte) number);
        return new MasterKey("test" + number, bytes);
    }

    static Keyring ring(int current, int... others) {
        List<MasterKey> old = Arrays.stream(others).mapToObj(Packings::key).toList();
        return new Keyring(Optional.of(key(current)), old);
    }

    static Packing sealed() {
        return new Packing(Compression.NONE, ring(1));
    }

    static Packing compressed() {
        return new Packing(Compression.GZIP, Keyring.EMPTY);
    }

    static Packing both() {
        return new Packing(Compression.GZIP, ring(1));
    }

    static Packing zstd() {
        return new Packing(Compression.ZSTD, Keyring.EMPTY);
    }

    static Packing zstdSealed() {
        return new Packing(Compression.ZSTD, ring(1));
    }
}

package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/// Password hashes by the system's libcrypt (crypt(3)), in the schemes it knows: `$y$`, `$6$`,
/// `$5$`, `$2b$` and more.
///
/// A check takes as long as the stored hash asks for, from a millisecond to a second or two
/// (`CryptCost`), and occupies its thread for that time. Each call has memory of its own; calls may
/// run side by side.
///
/// A process that confines itself calls [#isAvailable()] before, which loads the library.
public final class Crypt {
    /// Longest password in octets that libcrypt takes (crypt.h: CRYPT_MAX_PASSPHRASE_SIZE with its
    /// end); no stored hash can be of a longer one.
    public static final int PASSWORD_MAX = 511;

    /// glibc's name of the library, and that of builds of libxcrypt without the oldest schemes.
    private static final List<String> FILES = List.of("libcrypt.so.1", "libcrypt.so.2");

    /// Room for `struct crypt_data`: 32 KiB in libxcrypt, 128 KiB and a little in glibc's own.
    private static final long DATA_BYTES = 256 << 10;

    /// Room for a setting (crypt.h: CRYPT_GENSALT_OUTPUT_SIZE).
    private static final long SETTING_BYTES = 192;

    /// The best scheme of today's libxcrypt, and one that every libcrypt has.
    private static final String YESCRYPT = "$y$";

    private static final String SHA512 = "$6$";

    private static final int SHA512_SALT = 16;

    private static final String DIGITS =
            "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static final Optional<Library> LIBRARY = load();

    private record Library(MethodHandle crypt, Optional<MethodHandle> gensalt) {}

    private Crypt() {}

    /// What came of a check.
    public enum Fit {
        /// It is the password of that hash.
        YES,
        /// It is not.
        NO,
        /// Nobody can tell: no library, a scheme it does not know, or a hash that costs too much.
        NOT_NOW
    }

    private static Optional<Library> load() {
        for (String file : FILES) {
            Optional<SymbolLookup> library = Native.library(file);
            Optional<MethodHandle> crypt = library.flatMap(it -> Native.function(it, "crypt_r", 3));
            if (library.isPresent() && crypt.isPresent()) {
                return Optional.of(
                        new Library(
                                crypt.get(),
                                Native.function(library.get(), "crypt_gensalt_rn", 6)));
            }
        }
        // musl has it in libc
        return Native.function("crypt_r", 3).map(it -> new Library(it, Optional.empty()));
    }

    /// Whether this system has a libcrypt. It is loaded by the first call and stays.
    public static boolean isAvailable() {
        return LIBRARY.isPresent();
    }

    /// Whether a password is that of a stored hash. The comparison takes the same time wherever
    /// they differ.
    public static Fit check(String password, String stored) {
        if (!CryptCost.isBearable(stored)) {
            return Fit.NOT_NOW;
        }
        if (!isPossible(password)) {
            return Fit.NO;
        }
        return hash(password, stored)
                .map(computed -> MessageDigest.isEqual(bytes(computed), bytes(stored)))
                .map(equal -> equal ? Fit.YES : Fit.NO)
                .orElse(Fit.NOT_NOW);
    }

    /// A new hash of a password, in the best scheme there is; empty when there is no libcrypt or
    /// the password cannot be one: it holds a NUL or is longer than [#PASSWORD_MAX].
    public static Optional<String> newHash(String password) {
        return isPossible(password) ? hash(password, newSetting()) : Optional.empty();
    }

    /// A scheme with its cost and a salt: what a hash begins with. A check against it alone takes
    /// the time of a check and never fits.
    public static String newSetting() {
        return LIBRARY.flatMap(Library::gensalt)
                .flatMap(Crypt::generated)
                .orElseGet(() -> SHA512 + salt());
    }

    private static boolean isPossible(String password) {
        return password.indexOf('\0') < 0 && bytes(password).length <= PASSWORD_MAX;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String salt() {
        SecureRandom random = new SecureRandom();
        StringBuilder salt = new StringBuilder();
        for (int i = 0; i < SHA512_SALT; i++) {
            salt.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return salt.toString();
    }

    /// The library's own setting for yescrypt, with random bytes it fetches itself.
    private static Optional<String> generated(MethodHandle gensalt) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment prefix = arena.allocateFrom(YESCRYPT);
            MemorySegment out = arena.allocate(SETTING_BYTES);
            long at =
                    (long)
                            gensalt.invokeExact(
                                    prefix.address(), 0L, 0L, 0L, out.address(), SETTING_BYTES);
            return at == 0 ? Optional.empty() : Optional.of(out.getString(0));
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// What the library makes of a password under a setting; empty when it cannot.
    private static Optional<String> hash(String password, String setting) {
        return setting.indexOf('\0') >= 0
                ? Optional.empty()
                : LIBRARY.flatMap(it -> hash(it.crypt(), password, setting));
    }

    private static Optional<String> hash(MethodHandle crypt, String password, String setting) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment phrase = arena.allocateFrom(password);
            MemorySegment data = arena.allocate(DATA_BYTES, Long.BYTES);
            long result =
                    (long)
                            crypt.invokeExact(
                                    phrase.address(),
                                    arena.allocateFrom(setting).address(),
                                    data.address());
            phrase.fill((byte) 0);
            long at = result - data.address();
            boolean inside = result != 0 && at >= 0 && at < DATA_BYTES;
            String text = inside ? data.getString(at) : "*";
            data.fill((byte) 0);
            // "*0" and "*1" stand for an error
            return text.startsWith("*") ? Optional.empty() : Optional.of(text);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}

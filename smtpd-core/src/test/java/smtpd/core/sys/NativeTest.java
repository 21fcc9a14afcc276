package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NativeTest {
    @Test
    @DisplayName("F-74: an error of the JVM inside a native call stays one")
    void errorsAreNotTurnedIntoExceptions() {
        Error error = new OutOfMemoryError("Cannot reserve memory");
        assertSame(error, assertThrows(Error.class, () -> Native.unexpected(error)));
        RuntimeException ours = new IllegalArgumentException("wrong segment");
        assertInstanceOf(IllegalStateException.class, Native.unexpected(ours));
    }
}

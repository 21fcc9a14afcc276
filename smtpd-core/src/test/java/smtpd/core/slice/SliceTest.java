package smtpd.core.slice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import smtpd.core.gen.Gen;
import smtpd.core.gen.Samples;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.mail.Bytes;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// Every slice survives its way to its process, and nothing else passes for one.
class SliceTest {
    /// A kind of slice.
    private record Kind<S>(Class<S> type, Function<S, Bytes> encode, Function<Bytes, S> decode) {
        S sample(Gen gen) {
            return new Samples(gen).of(type);
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static List<Kind<?>> kinds() {
        return List.of(
                new Kind<>(CaSlice.class, CaSlice::encode, CaSlice::decode),
                new Kind<>(ControlSlice.class, ControlSlice::encode, ControlSlice::decode),
                new Kind<>(LkaSlice.class, LkaSlice::encode, LkaSlice::decode),
                new Kind<>(MdaSlice.class, MdaSlice::encode, MdaSlice::decode),
                new Kind<>(MtaSlice.class, MtaSlice::encode, MtaSlice::decode),
                new Kind<>(QueueSlice.class, QueueSlice::encode, QueueSlice::decode),
                new Kind<>(SchedulerSlice.class, SchedulerSlice::encode, SchedulerSlice::decode),
                new Kind<>(SmtpSlice.class, SmtpSlice::encode, SmtpSlice::decode));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <S> void everySliceSurvives(Kind<S> kind) {
        Gen.forAll(
                100,
                gen -> {
                    S slice = kind.sample(gen);
                    assertEquals(slice, kind.decode.apply(kind.encode.apply(slice)));
                });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <S> void aSliceCutAnywhereOrTooLongIsRefused(Kind<S> kind) {
        Gen.forAll(
                5,
                gen -> {
                    byte[] whole = kind.encode.apply(kind.sample(gen)).toByteArray();
                    for (int length = 0; length < whole.length; length++) {
                        Bytes cut = Bytes.of(Arrays.copyOf(whole, length));
                        assertThrows(ImsgViolation.class, () -> kind.decode.apply(cut));
                    }
                    Bytes more = Bytes.of(Arrays.copyOf(whole, whole.length + 1));
                    assertThrows(ImsgViolation.class, () -> kind.decode.apply(more));
                });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <S> void bentBytesAreRefusedOrAnotherSlice(Kind<S> kind) {
        Gen.forAll(
                300,
                gen -> {
                    byte[] bytes = kind.encode.apply(kind.sample(gen)).toByteArray();
                    for (int i = 1 + gen.below(3); i > 0; i--) {
                        bytes[gen.below(bytes.length)] = (byte) gen.below(256);
                    }
                    assertTrue(isSliceOrViolation(kind, Bytes.of(bytes)));
                });
    }

    private static <S> boolean isSliceOrViolation(Kind<S> kind, Bytes bytes) {
        try {
            return kind.type.isInstance(kind.decode.apply(bytes));
        } catch (ImsgViolation e) {
            return true;
        }
    }
}

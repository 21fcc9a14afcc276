package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.DeliveryType;

import java.util.ArrayList;
import java.util.List;

class DestinationTest {
    private final Destination.Names names = new Destination.Names();

    @Test
    void equalDestinationsAreOneObject() {
        Destination first = names.acquire(DeliveryType.MTA, "a");
        assertSame(first, names.acquire(DeliveryType.MTA, "xa".substring(1)));
        assertNotSame(first, names.acquire(DeliveryType.MDA, "a"));
        assertEquals(2, names.size());
    }

    @Test
    void destinationIsForgottenWithItsLastUser() {
        Destination first = names.acquire(DeliveryType.MTA, "a");
        names.acquire(DeliveryType.MTA, "a");
        names.release(first);
        assertEquals(1, names.size());
        names.release(first);
        assertEquals(0, names.size());
    }

    @Test
    void messagesForgetDestinationsWithTheirEnvelopes() {
        Messages messages = new Messages(_ -> {});
        List<Entry> added = new ArrayList<>();
        long[] created = {0, 0, 0};
        for (Entry entry :
                messages.add(
                        List.of(
                                mta(1, 1, "a").entry(),
                                mta(1, 2, "a").entry(),
                                mta(1, 3, "b").entry()),
                        created)) {
            if (entry != null) {
                added.add(entry);
            }
        }
        assertEquals(2, messages.destinations());
        assertEquals(3, added.size());
        added.forEach(messages::remove);
        assertEquals(0, messages.destinations());
        assertEquals(0, messages.messages());
        assertEquals(0, messages.envelopes());
    }
}

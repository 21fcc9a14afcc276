package smtpd.mda;

import java.util.List;
import java.util.function.Consumer;

/// Starts deliveries: the agent's only way to touch a mailbox.
@FunctionalInterface
public interface Deliveries {
    /// Starts a delivery, waits for nothing, and calls `done` exactly once in the agent's own
    /// thread, after this call has returned, with one verdict for each envelope in their order.
    void start(Delivery delivery, Consumer<List<Verdict>> done);
}

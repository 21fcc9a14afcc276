package smtpd.control.web.page;

import smtpd.core.imsg.ManagedService;

import java.io.IOException;
import java.util.Optional;

/// What a button of the page has done.
public sealed interface Order {
    /// Stops or resumes deliveries.
    ///
    /// @param service mda or mta
    /// @param on stopped or resumed
    record Pause(ManagedService service, boolean on) implements Order {}

    /// Has a destination tried at once.
    ///
    /// @param destination a domain, or the name of an action
    record Schedule(String destination) implements Order {}

    /// Has a route used again.
    ///
    /// @param route its id
    record Forgive(long route) implements Order {}

    /// Who carries orders out.
    @FunctionalInterface
    interface Desk {
        /// Does it and says what came of it; throws if somebody who is needed does not answer.
        String carryOut(Order order) throws IOException;
    }

    /// Reads what a button stands for: `pause mta`, `schedule example.org`, `route 7`.
    static Optional<Order> parse(String text) {
        int space = text.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String what = text.substring(space + 1);
        return switch (text.substring(0, space)) {
            case "pause" -> service(what).map(it -> new Pause(it, true));
            case "resume" -> service(what).map(it -> new Pause(it, false));
            case "schedule" -> what.isEmpty() ? Optional.empty() : Optional.of(new Schedule(what));
            case "route" -> route(what);
            default -> Optional.empty();
        };
    }

    private static Optional<ManagedService> service(String word) {
        return switch (word) {
            case "mda" -> Optional.of(ManagedService.MDA);
            case "mta" -> Optional.of(ManagedService.MTA);
            default -> Optional.empty();
        };
    }

    private static Optional<Order> route(String word) {
        try {
            return Optional.of(new Forgive(Long.parseLong(word)));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}

package smtpd.control.web.page;

import smtpd.control.stat.Series;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// How much mail went which way.
///
/// @param span over what time
/// @param flows each of them
public record Traffic(Span span, Map<Flow, Series> flows) {
    public Traffic {
        flows = Map.copyOf(flows);
    }

    /// One of the flows.
    public Series flow(Flow flow) {
        return Objects.requireNonNull(flows.get(flow), flow.title);
    }

    /// What is drawn.
    public enum Flow {
        /// Recipients of messages taken.
        IN("Mail in", "recipients taken"),
        /// Deliveries.
        OUT("Mail out", "recipients delivered"),
        /// Attempts that are made again.
        DEFERRED("Deferred", "attempts put off"),
        /// Ends without delivery.
        FAILED("Failed", "refused, expired or looping");

        private final String title;
        private final String what;

        Flow(String title, String what) {
            this.title = title;
            this.what = what;
        }

        String title() {
            return title;
        }

        String what() {
            return what;
        }

        /// The keys whose sum it is.
        public List<String> keys() {
            return switch (this) {
                case IN -> List.of("queue.envelope.accepted");
                case OUT -> List.of("scheduler.delivery.ok");
                case DEFERRED -> List.of("scheduler.delivery.tempfail");
                case FAILED ->
                        List.of(
                                "scheduler.delivery.permfail",
                                "scheduler.delivery.loop",
                                "scheduler.envelope.expired");
            };
        }
    }
}

package smtpd.control.web.page;

import smtpd.control.stat.Series;

import java.util.List;

/// How much mail went which way.
///
/// @param span over what time
/// @param flows as many as there are [Flow]s, in their order
public record Traffic(Span span, List<Series> flows) {
    public Traffic {
        flows = List.copyOf(flows);
    }

    /// What is drawn.
    public enum Flow {
        /// Recipients of messages taken.
        IN("Mail in", "recipients taken", List.of("queue.envelope.accepted")),
        /// Deliveries.
        OUT("Mail out", "recipients delivered", List.of("scheduler.delivery.ok")),
        /// Attempts that are made again.
        DEFERRED("Deferred", "attempts put off", List.of("scheduler.delivery.tempfail")),
        /// Ends without delivery.
        FAILED(
                "Failed",
                "refused, expired or looping",
                List.of(
                        "scheduler.delivery.permfail",
                        "scheduler.delivery.loop",
                        "scheduler.envelope.expired"));

        private final String title;
        private final String what;
        private final List<String> keys;

        Flow(String title, String what, List<String> keys) {
            this.title = title;
            this.what = what;
            this.keys = keys;
        }

        String title() {
            return title;
        }

        String what() {
            return what;
        }

        /// The keys whose sum it is.
        public List<String> keys() {
            return keys;
        }
    }
}

package smtpd.mta;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The filters of relay actions, which are told of sessions and decide nothing (OpenSMTPD:
/// smtpd-filters(7), `smtp-out`).
public interface Filters {
    /// There are none.
    Filters NONE =
            new Filters() {
                @Override
                public Set<FilterEvent> begin(FilterStart start) {
                    return EnumSet.noneOf(FilterEvent.class);
                }

                @Override
                public void report(SessionId session, FilterEvent event, List<String> fields) {}
            };

    /// Tells them of a session that is connected; what they want to hear of it, which is nothing at
    /// all if they cannot be told.
    Set<FilterEvent> begin(FilterStart start);

    /// Tells them what happened. Waits for lka at most, never for a filter.
    void report(SessionId session, FilterEvent event, List<String> fields);

    /// Those behind lka, which answers at once, whatever its filters do.
    static Filters from(LinkPeer<MtaToLka, LkaToMta> lka) {
        Duration patience = Duration.ofSeconds(5);
        return new Filters() {
            @Override
            public Set<FilterEvent> begin(FilterStart start) {
                try {
                    return lka.call(new MtaToLka.FilterBegin(start), patience)
                                    instanceof LkaToMta.FilterBegun(Set<FilterEvent> events)
                            ? events
                            : EnumSet.noneOf(FilterEvent.class);
                } catch (PeerLost _) {
                    return EnumSet.noneOf(FilterEvent.class);
                }
            }

            @Override
            public void report(SessionId session, FilterEvent event, List<String> fields) {
                lka.send(new MtaToLka.FilterReport(session, event, fields));
            }
        };
    }
}

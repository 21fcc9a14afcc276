package smtpd.smtp.protocol;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.smtp.ByteSink;

/// A listener without filters.
final class NoFilters implements Filters {
    private static final Ruling PROCEED = new Ruling.Proceed();

    @Override
    public boolean active() {
        return false;
    }

    @Override
    public Ruling begin(Facts facts, Confirmed confirmed) {
        return PROCEED;
    }

    @Override
    public void report(FilterEvent event, String... fields) {}

    @Override
    public void afterReply(FilterEvent event, String... fields) {}

    @Override
    public void replied() {}

    @Override
    public Ruling ask(FilterPhase phase, String value, FilterSubject subject) {
        return PROCEED;
    }

    @Override
    public boolean junk() {
        return false;
    }

    @Override
    public boolean edit() {
        return false;
    }

    @Override
    public Edit edit(ByteSink result) {
        throw new IllegalStateException("nobody edits");
    }
}

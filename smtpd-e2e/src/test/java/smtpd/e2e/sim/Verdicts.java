package smtpd.e2e.sim;

/// The judgement at the end of a world: whether every promise was kept (contracts C1 and C2).
///
/// @param ledger what was seen
record Verdicts(Ledger ledger) {
    void judge() {
        ledger.letters.forEach(this::judge);
        ledger.reports.values().forEach(this::judge);
    }

    private void judge(Letter letter) {
        switch (letter.fate) {
            case ACCEPTED -> letter.rcpts.forEach(rcpt -> mustEnd(letter, rcpt));
            case ASKED -> allOrNothing(letter);
            case OPEN, REFUSED -> mustNotExist(letter);
        }
        letter.rcpts.forEach(rcpt -> {
            once(rcpt);
            if (rcpt.failureReports.size() > 1) {
                ledger.violation(
                        rcpt.dest + " is reported " + rcpt.failureReports.size() + " times");
            }
        });
    }

    private void allOrNothing(Letter letter) {
        if (letter.rcpts.stream().anyMatch(Rcpt::touched)) {
            letter.rcpts.forEach(rcpt -> mustEnd(letter, rcpt));
        }
    }

    private void mustNotExist(Letter letter) {
        letter.rcpts.stream()
                .filter(Rcpt::touched)
                .forEach(rcpt ->
                        ledger.violation(rcpt.dest + " is delivered though it was refused"));
    }

    private void mustEnd(Letter letter, Rcpt rcpt) {
        if (!rcpt.ended()) {
            ledger.violation("LOST " + rcpt.dest);
            return;
        }
        boolean owed =
                !rcpt.delivered()
                        && !rcpt.removalAsked
                        && letter.wantsFailures()
                        && !ledger.refusedSenders.contains(letter.sender.toString());
        if (owed && rcpt.failureReports.isEmpty()) {
            ledger.violation("NOT REPORTED " + rcpt.dest);
        }
        if (!rcpt.failureReports.isEmpty() && !letter.wantsFailures()) {
            ledger.violation("reported against the sender's wish: " + rcpt.dest);
        }
        if (rcpt.failed && !rcpt.refused) {
            ledger.violation(rcpt.dest + " failed though nobody refused it");
        }
    }

    private void judge(Report report) {
        if (!report.fate().ended()) {
            ledger.violation("LOST report " + report.id() + " about " + report.about());
        }
        once(report.fate());
    }

    /// After a success nothing more may happen, unless its news can have been lost.
    private void once(Rcpt rcpt) {
        for (int i = 0; i < rcpt.attempts.size(); i++) {
            Rcpt.Attempt attempt = rcpt.attempts.get(i);
            boolean more = i + 1 < rcpt.attempts.size() || rcpt.expired > attempt.delivered;
            if (attempt.delivered >= 0 && more && !ledger.troubles.excuses(attempt)) {
                ledger.violation("TWICE " + rcpt.dest);
                return;
            }
        }
        boolean surely =
                rcpt.attempts.stream()
                        .anyMatch(it -> it.delivered >= 0 && !ledger.troubles.excuses(it));
        if (surely && !rcpt.failureReports.isEmpty()) {
            ledger.violation("delivered, and reported as failed: " + rcpt.dest);
        }
    }
}

package smtpd.lka.table;

import smtpd.core.imsg.TableService;

/// A table whose backend is not there: every answer is "not now", so that no mail is refused for
/// it.
public record UnavailableTable(String name, String reason) implements Table {
    @Override
    public String trouble() {
        return reason;
    }

    @Override
    public Answer lookup(TableService service, String key) {
        return tempfail();
    }

    @Override
    public Answer fetch(TableService service) {
        return tempfail();
    }

    @Override
    public Update update() {
        return new Update.Kept(reason);
    }

    private Answer tempfail() {
        return new Answer.Tempfail("table " + name + ": " + reason);
    }
}

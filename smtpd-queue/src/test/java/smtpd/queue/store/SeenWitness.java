package smtpd.queue.store;

import smtpd.core.mail.Bytes;

/// A witness that sees everything at once and forgets nothing.
final class SeenWitness implements Witness {
    private Seen seen = new Seen.New();

    @Override
    public Seen seen() {
        return seen;
    }

    @Override
    public String store() {
        return "test";
    }

    @Override
    public void forget() {
        seen = new Seen.New();
    }

    @Override
    public void begin(Bytes roster) {
        seen = new Seen.Latest(roster, 0, store());
    }

    @Override
    public void saw(long number) {
        if (seen instanceof Seen.Latest it && number > it.number()) {
            seen = new Seen.Latest(it.roster(), number, store());
        }
    }

    @Override
    public void close() {}
}

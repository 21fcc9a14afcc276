package smtpd.smtp;

import smtpd.core.conf.SmtpLimit;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lets everybody do everything, unless told otherwise; never waits.
final class FakeGuard implements Guard {
    final List<String> attempts = new ArrayList<>();
    Optional<SmtpLimit> limit = Optional.empty();
    int mails = Integer.MAX_VALUE;
    int hesitations;

    @Override
    public Optional<SmtpLimit> mayAuthenticate(Client client, String user) {
        return limit;
    }

    @Override
    public void authenticated(Client client, String user, boolean proved) {
        attempts.add(user + (proved ? " proved" : " failed"));
    }

    @Override
    public boolean mayMail(Client client) {
        return mails-- > 0;
    }

    @Override
    public void hesitate() {
        hesitations++;
    }

    @Override
    public String nonce() {
        return "ours";
    }
}

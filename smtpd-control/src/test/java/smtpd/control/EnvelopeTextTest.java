package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EnvelopeTextTest {
    @Test
    void remoteEnvelope() {
        assertEquals(
                """
                version: 3
                dispatcher: outbound
                type: mta
                smtpname: mx.example.org
                helo: client.example.org
                hostname: client.example.org
                errorline: 451 4.7.1 try later
                sockaddr: 192.0.2.7
                sender: alice@example.org
                rcpt: slow@remote.test
                dest: slow@remote.test
                ctime: 1795285398
                last-try: 1795285458
                ttl: 345600
                retry: 1
                flags: authenticated
                esc: 4.7.1
                dsn-notify: failure
                dsn-ret: hdrs
                dsn-envid: id1
                """,
                text("ac72aee54e9f880a", false));
    }

    @Test
    void reportIsABounce() {
        String text = text("0000000100000001", true);
        assertEquals(
                "bounce-type: failed",
                text.lines().filter(line -> line.startsWith("bounce")).findFirst().orElse(""));
    }

    private static String text(String evpid, boolean bounce) {
        return String.join(
                        "\n", EnvelopeText.of(bounce ? Mails.bounce(evpid) : Mails.remote(evpid)))
                + "\n";
    }
}

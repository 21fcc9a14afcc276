package smtpd.lka.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;
import smtpd.core.sasl.ScramKeys;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Entries;
import smtpd.lka.table.MemoryTable;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UnavailableTable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

class ScramTest {
    private static final Bytes SALT = Bytes.of("0123456789abcdef");
    private static final ScramKeys KEYS = ScramKeys.of("pencil", SALT, 5000).orElseThrow();
    private static final String MESSAGE = "n=alice,r=a,r=ab,s=...,i=5000,c=biws,r=ab";

    private final Authenticator authenticator = authenticator();

    private static Authenticator authenticator() {
        String keys = KEYS.text();
        String[] parts = keys.substring(keys.indexOf('}') + 1).split(",", -1);
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("alice", keys);
        entries.put("bob", "bob:" + keys);
        entries.put(
                "carol",
                "SCRAM-SHA-256$" + parts[0] + ":" + parts[1] + "$" + parts[2] + ":" + parts[3]);
        entries.put("crypted", "$6$abcdefgh$x");
        entries.put("locked", "*");
        entries.put("broken", "{SCRAM-SHA-256}5000,x");
        Map<String, Table> tables = new LinkedHashMap<>();
        tables.put("logins", new MemoryTable("logins", '+', () -> Entries.mapping(entries)));
        tables.put("down", new UnavailableTable("down", "down"));
        return new Authenticator(
                new Tables(tables, new UnavailableTable("users", "none")),
                List.of("logins", "down", ""),
                (_, _) -> LookupAnswer.TEMPFAIL,
                Hashes.ofTheSystem());
    }

    /// A client's proof, computed by the JDK's own PBKDF2.
    private static Bytes proof(String password, Bytes salt, int iterations)
            throws GeneralSecurityException {
        byte[] salted =
                SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                        .generateSecret(
                                new PBEKeySpec(
                                        password.toCharArray(),
                                        salt.toByteArray(),
                                        iterations,
                                        256))
                        .getEncoded();
        byte[] key = hmac(salted, "Client Key");
        byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(key), MESSAGE);
        for (int i = 0; i < key.length; i++) {
            key[i] ^= signature[i];
        }
        return Bytes.of(key);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private LookupAnswer prove(String user, Bytes proof) {
        return authenticator.prove("logins", user, MESSAGE, proof).answer();
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "bob", "carol"})
    void whoKnowsThePasswordProvesIt(String user) throws GeneralSecurityException {
        assertEquals(
                new LkaToSmtp.ScramSalted(LookupAnswer.FOUND, SALT, 5000),
                authenticator.salt("logins", user));
        LkaToSmtp.ScramChecked checked =
                authenticator.prove("logins", user, MESSAGE, proof("pencil", SALT, 5000));
        assertEquals(
                new LkaToSmtp.ScramChecked(LookupAnswer.FOUND, KEYS.signature(MESSAGE)), checked);
        assertEquals(LookupAnswer.NOT_FOUND, prove(user, proof("pencils", SALT, 5000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "bob", "carol"})
    void aPasswordIsCheckedAgainstTheSameKeys(String user) {
        assertEquals(
                new Answer.Found(user), authenticator.check("logins", user, new Secret("pencil")));
        assertEquals(Answer.NOT_FOUND, authenticator.check("logins", user, new Secret("pencils")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "crypted", "locked", "a\nb", ""})
    @DisplayName("F-24 users without keys get a salt of their own, always the same")
    void nobodyLearnsWhoHasKeys(String user) throws GeneralSecurityException {
        assertEquals(ScramKeys.ITERATIONS_NEW, authenticator.salt("logins", user).iterations());
        authenticator.salt("logins", "alice");
        LkaToSmtp.ScramSalted salted = authenticator.salt("logins", user);
        assertEquals(salted, authenticator.salt("logins", user));
        assertEquals(LookupAnswer.FOUND, salted.answer());
        assertEquals(SALT.length(), salted.salt().length());
        assertEquals(5000, salted.iterations());
        assertNotEquals(salted, authenticator.salt("logins", user + "x"));
        assertEquals(LookupAnswer.NOT_FOUND, prove(user, proof("pencil", SALT, 5000)));
    }

    @Test
    @DisplayName("F-78 what cannot be looked up or read is not now, never no")
    void whatCannotAnswerIsNotNow() {
        assertEquals(LookupAnswer.TEMPFAIL, authenticator.salt("down", "alice").answer());
        assertEquals(LookupAnswer.TEMPFAIL, authenticator.salt("other", "alice").answer());
        assertEquals(LookupAnswer.TEMPFAIL, authenticator.salt("", "alice").answer());
        assertEquals(LookupAnswer.TEMPFAIL, authenticator.salt("logins", "broken").answer());
        assertEquals(LookupAnswer.TEMPFAIL, prove("broken", SALT));
        assertInstanceOf(
                Answer.Tempfail.class,
                authenticator.check("logins", "broken", new Secret("pencil")));
    }
}

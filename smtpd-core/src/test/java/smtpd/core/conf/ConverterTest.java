package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class ConverterTest {
    private static String convert(String text) {
        String converted = Converter.convert(text);
        ConfResult result =
                ConfParser.parse(
                        "converted", converted, Map.of(), new OfflineEnvironment("a.example"));
        assertEquals(List.of(), result.errors(), converted);
        return converted;
    }

    @Test
    void smallConfiguration() {
        assertEquals(
                """
                table "aliases" "file:/etc/aliases"
                # my server
                listen on "lo0"
                action "local" mbox alias <"aliases">
                match from local for local action "local"
                action "relay" relay
                match from local for any action "relay"
                """,
                convert(
                        """
                        # my server
                        listen on lo0
                        table aliases file:/etc/aliases
                        accept for local alias <aliases> deliver to mbox
                        accept for any relay\
                        """));
    }

    @Test
    void authenticatedClientsCountedAsLocal() {
        assertEquals(
                """
                pki "a.example" cert "/c"
                pki "a.example" key "/k"
                listen on "eth0" mask-src tls-require pki "a.example" auth
                action "relay" relay
                match from local for any action "relay"
                match from any auth for any action "relay"
                """,
                convert(
                        """
                        listen on eth0 tls-require pki a.example auth mask-source
                        pki A.example certificate "/c" key "/k"
                        accept for any relay
                        """
                                .strip()));
    }

    @Test
    void everyConditionAndDelivery() {
        assertEquals(
                """
                table "a" "file:/a"
                table "v" { "@" = "vmail" }
                # convert: this table was not declared; correct its source
                table "secrets" "file:/etc/mail/secrets"
                match from any for any !mail-from <"a"> reject
                action "local" maildir "~/M" virtual <"v"> user "bob" ttl 1h
                match !from src "10.0.0.0/8" for domain { "x", "y" } tag "T" rcpt-to <"a"> action "local"
                action "local2" mda "cmd %{rcpt.user}"
                match !from local !for local action "local2"
                action "local3" forward-only alias <"a">
                match from local for domain <"a"> action "local3"
                # convert: the certificate of the server is verified now; 'tls no-verify' turns it off
                action "relay" relay host "smtp+tls://l@h.example:587" auth <"secrets"> mail-from "@x" src <"a"> helo "h"
                match from any for any auth action "relay"
                action "relay2" relay backup mx "mx.example"
                match from local for any action "relay2"
                """,
                convert(
                                """
                                table a plain:/a
                                table v { "@" = vmail }
                                reject from any sender ! <a> for any
                                accept tagged T from ! source 10.0.0.0/8 for domain {x,y} recipient <a> \\
                                  virtual <v> deliver to maildir "~/M" as bob expire 1h
                                accept from ! local for ! local deliver to mda cmd %{rcpt.user}
                                accept for domain <a> alias <a> forward-only
                                accept authenticated for any relay via tls+auth://l@h.example:587 \\
                                  auth <secrets> as "@x" source <a> hostname h verify
                                accept for any relay backup mx.example
                                """
                                        .strip())
                        .replace(
                                "# convert: servers are verified whenever TLS is required,"
                                        + " 'verify' is not needed\n",
                                ""));
    }

    @Test
    void optionsOfTheServer() {
        assertEquals(
                """
                queue ttl 2d
                bounce warn-interval 1h, 6h
                smtp max-message-size 35M
                queue compression
                queue encryption "0123456789abcdef0123456789abcdef"
                mta limit inet4
                smtp limit max-mails 10
                smtp sub-addr-delim "_"
                smtp ciphers "HIGH"
                match from local for any reject
                """,
                convert(
                        """
                        expire 2d
                        bounce-warn 1h, 6h
                        max-message-size 35M
                        queue compression
                        queue encryption key 0123456789abcdef0123456789abcdef
                        limit mta inet4
                        limit session max-mails 10
                        subaddressing-delimiter "_"
                        ciphers HIGH
                        reject for any
                        """
                                .strip()));
    }

    @Test
    void everyMapping() {
        assertEquals(
                """
                table "a" "db:/a.db"
                table "u" { "bob" = "1:1:/b" }
                action "local" mbox alias <"a"> userbase <"u">
                match from local for domain <"a"> action "local"
                action "local2" lmtp "/run/l" rcpt-to user "x" alias <"a">
                match from local for any action "local2"
                action "local3" maildir userbase <"u">
                match from local for local action "local3"
                action "local4" mda "/usr/bin/x -a %{sender}" user "y" virtual <"a">
                match from local for domain "example.org" action "local4"
                """,
                convert(
                        """
                        table a db:/a.db
                        table u { bob = "1:1:/b" }
                        accept for domain <a> alias <a> userbase <u> deliver to mbox
                        accept for any deliver to lmtp "/run/l" rcpt-to as x alias <a>
                        accept for local userbase <u> deliver to maildir
                        accept for domain example.org deliver to mda "/usr/bin/x -a %{sender}" as y virtual <a>
                        """
                                .strip()));
    }

    @Test
    void everyRelayOption() {
        assertEquals(
                """
                table "h" { "192.0.2.1" = "a.example" }
                pki "p" cert "/c"
                pki "p" key "/k"
                action "relay" relay backup mail-from "@x" src <"h"> helo "a" helo-src <"h"> pki "p" tls
                match from any for any action "relay"
                action "relay2" relay tls no-verify ttl 2d
                match from src { "192.0.2.0/24", "::1" } for any action "relay2"
                """,
                convert(
                        """
                        table h { 192.0.2.1 = a.example }
                        pki p certificate "/c" key "/k"
                        accept from any for any relay backup as "@x" source <h> hostname a \\
                          hostnames <h> pki p tls verify
                        accept from source { 192.0.2.0/24, "::1" } for any relay tls expire 2d
                        """
                                .strip()));
    }

    @Test
    void everySchemeOfASmartHost() {
        String[] schemes = {
            "smtp://h", "smtp://h",
            "lmtp://h:24", "lmtp://h:24",
            "tls://h", "smtp+tls://h",
            "smtps://h", "smtps://h",
            "secure://h", "smtps://h",
            "tls+auth://l@h", "smtp+tls://l@h",
            "smtps+auth://l@h", "smtps://l@h",
            "secure+auth://l@h:1", "smtps://l@h:1",
            "ssl://h", "smtps://h",
            "h", "smtp://h",
        };
        for (int i = 0; i < schemes.length; i += 2) {
            String converted = convert("accept for any relay via \"" + schemes[i] + "\"");
            assertTrue(converted.contains("relay host \"" + schemes[i + 1] + "\"\n"), converted);
        }
    }

    @Test
    void formOf2012() {
        String converted =
                convert("accept for domain \"\" relay backup \"\"\naccept for all relay");
        assertTrue(converted.contains("relay backup\n"), converted);
        assertTrue(converted.contains("for any action"), converted);
    }

    @Test
    void whatIsMissingIsDeclaredForAHumanToCorrect() {
        assertEquals(
                """
                pki "a" cert "/c"
                # convert: no equivalent was found for:
                #table bad nowhere
                table "x" { "a" = "b" }
                # convert: no equivalent was found for:
                #table x { c = d }
                # convert: this table was not declared; correct its source
                table "names" "file:/etc/mail/names"
                # convert: this table was not declared; correct its source
                table "bad" "file:/etc/mail/bad"
                # convert: this table was not declared; correct its source
                table "users" "file:/etc/mail/users"
                # convert: this pki was not declared, or not whole; correct its files
                pki "a" key "/etc/ssl/private/a.key"
                listen on "eth0" hostnames <"names"> tls pki "a"
                action "local" mbox alias <"users">
                match from local for domain <"bad"> action "local"
                """,
                convert(
                        """
                        pki a certificate "/c"
                        table bad nowhere
                        table x { a = b }
                        table x { c = d }
                        listen on eth0 tls pki a hostnames names
                        accept for domain <bad> alias users deliver to mbox
                        """
                                .strip()));
    }

    @Test
    void commandMayBeEmpty() {
        assertEquals(
                """
                action "local" mda " x"
                match from local for any action "local"
                """,
                convert("accept for any deliver to mda \"\" x"));
    }

    @Test
    void whatIsNotKnownStaysAsAComment() {
        assertEquals(
                """
                # convert: no equivalent was found for:
                #filter f spam "-s"
                # convert: no equivalent was found for:
                #accept for any teleport
                match from local for any reject
                """,
                convert("filter f spam \"-s\"\naccept for any teleport\nreject for any"));
    }
}

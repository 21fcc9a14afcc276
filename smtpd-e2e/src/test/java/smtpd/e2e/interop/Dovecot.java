package smtpd.e2e.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Dovecot as LMTP server, over TCP and at a socket, and as the place where others check passwords.
///
/// Its users, all with the password `secret`, are `alice` and `bob`; `full`, whose mailbox takes
/// nothing more; and `locked`, whose mailbox cannot be written.
record Dovecot(Peer peer, Path home) {
    private static final String NOBODY = "65534:65534";

    /// Starts it.
    ///
    /// @param work where its folders are made
    /// @param port for LMTP on 127.0.0.1
    static Dovecot start(Path work, int port) throws IOException {
        Path home = Files.createDirectories(work.resolve("dovecot"));
        StringBuilder users = new StringBuilder();
        for (String user : List.of("alice", "bob", "full", "locked")) {
            Path own = Files.createDirectories(home.resolve("users").resolve(user));
            if (!user.equals("locked")) {
                Files.setAttribute(own, "unix:uid", 65_534);
            }
            users.append(user).append(":{PLAIN}secret:" + NOBODY + "::").append(own).append("::");
            users.append(user.equals("full") ? "userdb_quota_rule=*:bytes=10\n" : "\n");
        }
        Files.writeString(home.resolve("passwords"), users);
        Files.writeString(
                home.resolve("dovecot.conf"),
                """
                base_dir = %1$s/run
                state_dir = %1$s/state
                log_path = /dev/stderr
                protocols = lmtp
                ssl = no
                first_valid_uid = 1
                auth_username_format = %%Ln
                mail_location = maildir:~/Maildir
                passdb {
                  driver = passwd-file
                  args = %1$s/passwords
                }
                userdb {
                  driver = passwd-file
                  args = %1$s/passwords
                }
                service lmtp {
                  inet_listener lmtp {
                    address = 127.0.0.1
                    port = %2$d
                  }
                  unix_listener %1$s/lmtp {
                    mode = 0666
                  }
                }
                service auth {
                  unix_listener %1$s/auth {
                    mode = 0666
                  }
                }
                protocol lmtp {
                  mail_plugins = quota
                }
                plugin {
                  quota = count:User quota
                  quota_vsizes = yes
                }
                """
                        .formatted(home, port));
        String program = Peer.program("dovecot").toString();
        List<String> command =
                List.of(program, "-F", "-c", home.resolve("dovecot.conf").toString());
        return new Dovecot(Peer.start(command, home, port), home);
    }

    /// Where LMTP is spoken without a network.
    Path socket() {
        return home.resolve("lmtp");
    }

    /// Where Postfix asks about passwords.
    Path auth() {
        return home.resolve("auth");
    }

    /// The messages of a user.
    List<String> messages(String user) throws IOException {
        Path box = home.resolve("users").resolve(user).resolve("Maildir/new");
        if (!Files.isDirectory(box)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(box)) {
            List<String> texts = new ArrayList<>();
            for (Path file : files.toList()) {
                texts.add(Files.readString(file));
            }
            return texts;
        }
    }
}

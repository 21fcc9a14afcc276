package smtpd.e2e.scenario;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One scenario's world: the daemon, the far ends around it, and the values that its files may
/// name.
final class Stage implements AutoCloseable {
    private static final Pattern HOME = Pattern.compile("@PREFIX@/(home/[a-z]+)");
    private static final int SMTP = 25;

    /// Where the servers with MX records are; nobody is at 127.0.0.13.
    private static final List<String> MX_ADDRESSES = List.of("127.0.0.11", "127.0.0.12");

    final Daemon daemon;
    final FarEnd far;
    final FarEnd lmtp;
    final GreenMail greenMail;
    final Map<String, FarEnd> mx = new LinkedHashMap<>();
    final Scenario scenario;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final TestDns dns;
    private final int port;

    private Stage(Scenario scenario, Daemon daemon) throws IOException {
        this.scenario = scenario;
        this.daemon = daemon;
        far = FarEnd.start("127.0.0.1", 0);
        lmtp = FarEnd.start("127.0.0.1", 0);
        dns = TestDns.start(scenario.optional("zone"));
        greenMail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        greenMail.start();
        port = Ports.free(1).getFirst();
    }

    /// Builds the world of a scenario and starts its daemon.
    ///
    /// @param account who runs it
    static Stage open(Scenario scenario, Account account) throws IOException, InterruptedException {
        Stage stage = new Stage(scenario, Daemon.prepare(account));
        try {
            stage.furnish();
            stage.daemon.start();
            return stage;
        } catch (IOException | RuntimeException | AssertionError e) {
            stage.close();
            throw e;
        }
    }

    /// Whether the ports of the scenario can be had here.
    static boolean mayServe(Scenario scenario) throws IOException {
        if (!scenario.needs("port25")) {
            return true;
        }
        try (FarEnd trial = FarEnd.start(MX_ADDRESSES.getFirst(), SMTP)) {
            return trial.port() == SMTP;
        } catch (IOException e) {
            return false;
        }
    }

    private void furnish() throws IOException {
        if (scenario.needs("port25")) {
            for (String address : MX_ADDRESSES) {
                mx.put(address, FarEnd.start(address, SMTP));
            }
        }
        Account account = daemon.account();
        values.put("PORT", Integer.toString(port));
        values.put("FAR", Integer.toString(far.port()));
        values.put("LMTP", Integer.toString(lmtp.port()));
        lmtp.alsoAt(daemon.prefix().resolve("lmtp.sock"));
        values.put("GREENMAIL", Integer.toString(greenMail.getSmtp().getPort()));
        values.put(
                "UID", Integer.toString(account.isRoot() ? Account.nobody().uid() : account.uid()));
        values.put(
                "GID", Integer.toString(account.isRoot() ? Account.nobody().gid() : account.gid()));
        values.put("PREFIX", daemon.prefix().toString());
        String config = scenario.optional("smtpd.conf");
        Matcher homes = HOME.matcher(config);
        while (homes.find()) {
            Files.createDirectories(daemon.prefix().resolve(homes.group(1)));
        }
        daemon.write("etc/smtpd.conf", filled(config));
        daemon.write("etc/resolv.conf", "nameserver 127.0.0.1:" + dns.port() + "\n");
        for (Path file : scenario.files()) {
            daemon.write(file.toString(), filled(scenario.optional("files/" + file)));
        }
        if (account.isRoot()) {
            Account.nobody().own(daemon.prefix().resolve("home"));
        }
        for (Scenario.Owner owner : scenario.owners()) {
            daemon.own(owner.path(), owner.uid(), owner.gid(), owner.mode());
        }
    }

    /// The port the daemon listens on.
    int port() {
        return port;
    }

    /// A value for the scripts.
    void let(String name, String value) {
        values.put(name, value);
    }

    /// The text with values in the place of their names.
    String filled(String text) {
        String result = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            result = result.replace("@" + value.getKey() + "@", value.getValue());
        }
        return result;
    }

    @Override
    public void close() throws IOException {
        greenMail.stop();
        dns.close();
        far.close();
        lmtp.close();
        for (FarEnd end : mx.values()) {
            end.close();
        }
        daemon.close();
    }
}

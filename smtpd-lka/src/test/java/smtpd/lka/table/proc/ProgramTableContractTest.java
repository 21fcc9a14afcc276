package smtpd.lka.table.proc;

import org.junit.jupiter.api.AfterEach;

import smtpd.lka.table.Table;
import smtpd.lka.table.TableContract;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The contract over a program, which the test plays: it has the content, reads it at each update,
/// and says so when it cannot.
class ProgramTableContractTest extends TableContract {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Scripted programs = new Scripted();
    private volatile Map<String, String> content = Map.of();
    private volatile boolean spoiled;

    @Override
    protected void writePairs(Map<String, String> pairs) {
        content = new LinkedHashMap<>(pairs);
    }

    @Override
    protected void writeNames(List<String> names) {
        Map<String, String> pairs = new LinkedHashMap<>();
        names.forEach(name -> pairs.put(name, name));
        content = pairs;
    }

    @Override
    protected void spoil() {
        spoiled = true;
    }

    @Override
    protected Table open() {
        Table table = new ProgramTable("t", programs, InstantSource.system(), _ -> {}, LONG);
        Thread.ofVirtual().start(this::serve);
        return table;
    }

    @AfterEach
    void close() {
        programs.close();
    }

    private void serve() {
        try {
            Scripted.Run run =
                    programs.run()
                            .register(
                                    "alias",
                                    "credentials",
                                    "userinfo",
                                    "addrname",
                                    "mailaddrmap",
                                    "domain",
                                    "netaddr",
                                    "mailaddr",
                                    "source");
            int taken = 0;
            String line = run.read();
            while (line != null) {
                String[] words = line.split("\\|", 8);
                String word = words[4];
                String id = words[word.equals("update") ? 5 : 6];
                List<String> names = List.copyOf(content.keySet());
                String key =
                        switch (word) {
                            case "fetch" ->
                                    names.isEmpty() ? "" : names.get(taken++ % names.size());
                            case "update" -> "";
                            default -> words[7];
                        };
                run.say(word + "-result|" + id + "|" + answer(word, key));
                line = run.read();
            }
        } catch (IOException | InterruptedException _) {
            // the test is over
        }
    }

    private String answer(String word, String key) {
        if (spoiled) {
            return "error|no such database";
        }
        if (word.equals("update")) {
            return "ok";
        }
        String value = content.get(key);
        if (value == null) {
            return "not-found";
        }
        return word.equals("check") ? "found" : "found|" + value;
    }
}

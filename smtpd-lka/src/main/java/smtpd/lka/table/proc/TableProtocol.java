package smtpd.lka.table.proc;

import smtpd.core.imsg.TableService;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// The lines of protocol 0.1. Pure.
///
/// ```
/// config|smtpd-version|7.8.0          register|alias
/// config|protocol|0.1                 register|ready
/// config|tablename|NAME
/// config|ready
/// table|0.1|SEC.USEC|NAME|lookup|alias|7|bob      lookup-result|7|found|robert
/// table|0.1|SEC.USEC|NAME|update|8                update-result|8|ok
/// ```
final class TableProtocol {
    static final String VERSION = "0.1";

    /// The version of OpenSMTPD whose protocol this is, for programs that look.
    static final String SMTPD_VERSION = "7.8.0";

    private static final String REGISTER = "register|";

    private TableProtocol() {}

    /// What can be asked.
    enum Question {
        UPDATE("update"),
        CHECK("check"),
        LOOKUP("lookup"),
        FETCH("fetch");

        private final String word;

        Question(String word) {
            this.word = word;
        }

        /// Whether a result of that name answers it. The manual of OpenSMTPD shows `lookup-result`
        /// for a fetch, its code wants `fetch-result`: both do.
        private boolean isAnsweredBy(String result) {
            return result.equals(word + "-result")
                    || (this == FETCH && result.equals(LOOKUP.word + "-result"));
        }
    }

    /// What a program says.
    sealed interface Said {
        /// It serves a service.
        record Registered(TableService service) implements Said {}

        /// It has registered all it serves.
        record Ready() implements Said {}

        /// A result; what it says is for the question to know.
        ///
        /// @param word as written, `lookup-result`
        /// @param id of the question
        /// @param body what follows
        record Result(String word, long id, String body) implements Said {}

        /// No line of this protocol.
        record Nonsense(String why) implements Said {}
    }

    /// What a result means.
    sealed interface Reply {
        /// There is an entry, or it was done.
        record Found(String value) implements Reply {}

        /// There is none.
        record NotFound() implements Reply {}

        /// It cannot say.
        record Failed(String reason) implements Reply {}

        /// That answers no such question.
        record Nonsense(String why) implements Reply {}
    }

    /// What the program is told first.
    static String greeting(String table) {
        return "config|smtpd-version|"
                + SMTPD_VERSION
                + "\nconfig|protocol|"
                + VERSION
                + "\nconfig|tablename|"
                + table
                + "\nconfig|ready\n";
    }

    /// Whether a name or a key can be part of a line: a line break in it would be a question of
    /// whoever chose it.
    static boolean fitsInALine(String text) {
        return text.chars().noneMatch(c -> c == '\n' || c == '\r' || c == 0);
    }

    /// A question as a line.
    ///
    /// @param question not `UPDATE`
    /// @param key empty for a fetch
    static String line(
            Question question,
            String table,
            TableService service,
            long id,
            String key,
            Instant now) {
        String line = head(question, table, now) + "|" + word(service) + "|" + id;
        return question == Question.FETCH ? line + "\n" : line + "|" + key + "\n";
    }

    /// The line that asks for an update.
    static String update(String table, long id, Instant now) {
        return head(Question.UPDATE, table, now) + "|" + id + "\n";
    }

    private static String head(Question question, String table, Instant now) {
        return "table|%s|%d.%06d|%s|%s"
                .formatted(
                        VERSION, now.getEpochSecond(), now.getNano() / 1000, table, question.word);
    }

    private static String word(TableService service) {
        return service.name().toLowerCase(Locale.ROOT);
    }

    /// What a line says.
    static Said parse(String line) {
        if (line.startsWith(REGISTER)) {
            String word = line.substring(REGISTER.length());
            return word.equals("ready")
                    ? new Said.Ready()
                    : service(word)
                            .<Said>map(Said.Registered::new)
                            .orElseGet(() -> new Said.Nonsense("no such service: " + word));
        }
        String[] parts = line.split("\\|", 3);
        if (parts.length < 3 || !parts[1].matches("[0-9]{1,18}")) {
            return new Said.Nonsense("not an answer: " + line);
        }
        return new Said.Result(parts[0], Long.parseLong(parts[1]), parts[2]);
    }

    private static Optional<TableService> service(String word) {
        for (TableService service : TableService.values()) {
            if (word(service).equals(word)) {
                return Optional.of(service);
            }
        }
        return Optional.empty();
    }

    /// What a result means to the question it answers.
    static Reply reply(Question question, Said.Result result) {
        String body = result.body();
        if (!question.isAnsweredBy(result.word())) {
            return new Reply.Nonsense(result.word() + " for a " + question.word);
        }
        if (body.equals("error") || body.startsWith("error|")) {
            String why = body.substring(Math.min(body.length(), "error|".length()));
            return new Reply.Failed(why.isEmpty() ? "it has an error" : "it says: " + why);
        }
        if (question == Question.UPDATE) {
            return body.equals("ok") ? new Reply.Found("") : new Reply.Nonsense(body);
        }
        if (body.equals("not-found")) {
            return new Reply.NotFound();
        }
        boolean bare = body.equals("found") || body.equals("found|");
        if (question == Question.CHECK && (bare || body.startsWith("found|"))) {
            return new Reply.Found("");
        }
        return body.startsWith("found|") && !bare
                ? new Reply.Found(body.substring("found|".length()))
                : new Reply.Nonsense("an answer of no meaning: " + body);
    }
}

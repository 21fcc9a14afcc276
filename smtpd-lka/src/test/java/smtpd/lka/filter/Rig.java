package smtpd.lka.filter;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;
import smtpd.core.slice.FilterSlice;
import smtpd.core.stat.Statistics;
import smtpd.lka.dns.DnsReply;
import smtpd.lka.dns.RecordType;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A hub whose programs, peers, tables and names are what the test says.
final class Rig {
    static final SessionId ID = new SessionId(0xabc);

    static final FilterConf A = program("a", FilterConf.Fail.TEMPFAIL);
    static final FilterConf B = program("b", FilterConf.Fail.TEMPFAIL);

    final Map<Long, LkaToSmtp> answers = new TreeMap<>();
    final List<LkaToSmtp> sent = new ArrayList<>();
    final List<LkaToMta> toMta = new ArrayList<>();
    final List<String> complaints = new ArrayList<>();
    final Map<String, CompletableFuture<DnsReply>> dns = new TreeMap<>();

    final FilterHub hub;
    Answer tableSays = Answer.NOT_FOUND;
    Instant now = Instant.ofEpochSecond(1_700_000_000, 123_456_000);
    private long requests;
    private long tokens = 0x100;

    /// One run of a program that says what the test wants.
    final class Run implements Voice {
        final List<String> told = new ArrayList<>();
        final String proc;
        String ended = "";
        long unread;
        int turns;

        private Run(String proc) {
            this.proc = proc;
        }

        @Override
        public void say(String lines) {
            told.addAll(lines.lines().toList());
        }

        @Override
        public long unread() {
            return unread;
        }

        @Override
        public long stuckMillis() {
            return unread == 0 ? 0 : 1_000_000;
        }

        @Override
        public void listen() {
            turns++;
        }

        @Override
        public void end(String why) {
            ended = why;
        }

        /// It says lines.
        void says(String... lines) {
            hub.ears(hub.program(proc)).heard(List.of(lines));
        }

        /// It has read everything.
        void reads() {
            unread = 0;
            hub.ears(hub.program(proc)).drained();
        }

        void dies() {
            hub.ears(hub.program(proc)).ended("ended", Duration.ofMillis(50));
        }

        /// What it was told last.
        String last() {
            return told.getLast();
        }

        /// The token of the question it was asked last.
        String token() {
            return last().split("\\|", -1)[6];
        }

        /// It answers the last question.
        void decides(String decision) {
            says("filter-result|" + ID + "|" + token() + "|" + decision);
        }

        /// The lines of the message it was given, and those it was told nothing else in between.
        List<String> content() {
            return told.stream()
                    .filter(line -> line.contains("|data-line|"))
                    .map(line -> line.split("\\|", 8)[7])
                    .toList();
        }
    }

    /// A question that DNS was asked.
    CompletableFuture<DnsReply> asked(String question) {
        return Objects.requireNonNull(dns.get(question), question);
    }

    Rig(FilterConf... filters) {
        this(List.of(), filters);
    }

    Rig(List<String> outgoing, FilterConf... filters) {
        List<FilterConf> all = new ArrayList<>(List.of(filters));
        List<String> members = all.stream().map(FilterConf::name).toList();
        all.add(new FilterConf.Chain("all", members));
        hub =
                new FilterHub(
                        new FilterSlice("admd.example", all, List.of("all"), outgoing),
                        new FilterHub.World(
                                agenda(),
                                Runnable::run,
                                Runnable::run,
                                () -> tokens++,
                                Statistics.NONE,
                                complaints::add),
                        new FilterHub.Peers(smtp(), mta()),
                        name -> table(name),
                        (name, type) -> ask(name, type));
    }

    static FilterConf program(String name, FilterConf.Fail fail) {
        return new FilterConf.Program(
                name, name, new FilterConf.Trouble(fail, Duration.ofSeconds(10)));
    }

    private CompletableFuture<DnsReply> ask(String name, RecordType type) {
        return dns.computeIfAbsent(type + " " + name, _ -> new CompletableFuture<>());
    }

    private Agenda agenda() {
        return new Agenda() {
            @Override
            public Instant now() {
                return now;
            }

            @Override
            public void after(Duration delay, Runnable task) {}
        };
    }

    private Peer<LkaToSmtp, SmtpToLka> smtp() {
        return new Peer<>() {
            @Override
            public void send(LkaToSmtp message) {
                sent.add(message);
            }

            @Override
            public void answer(long request, LkaToSmtp message) {
                if (answers.put(request, message) != null) {
                    throw new IllegalStateException("answered twice");
                }
            }

            @Override
            public void ask(
                    LkaToSmtp request, Duration patience, Consumer<Peer.Answer<SmtpToLka>> then) {
                throw new IllegalStateException("asks nothing");
            }
        };
    }

    private Peer<LkaToMta, MtaToLka> mta() {
        return new Peer<>() {
            @Override
            public void send(LkaToMta message) {
                throw new IllegalStateException("says nothing");
            }

            @Override
            public void answer(long request, LkaToMta message) {
                toMta.add(message);
            }

            @Override
            public void ask(
                    LkaToMta request, Duration patience, Consumer<Peer.Answer<MtaToLka>> then) {
                throw new IllegalStateException("asks nothing");
            }
        };
    }

    private Table table(String name) {
        return new Table() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Answer lookup(TableService service, String key) {
                return tableSays;
            }

            @Override
            public Answer fetch(TableService service) {
                return tableSays;
            }

            @Override
            public Update update() {
                return new Update.Kept("never");
            }
        };
    }

    /// Starts a program that registers.
    Run starts(String proc, String... registers) {
        Run run = new Run(proc);
        hub.ears(hub.program(proc)).started(run);
        List<String> lines = new ArrayList<>();
        for (String each : registers) {
            lines.add("register|" + each);
        }
        lines.add("register|ready");
        run.says(lines.toArray(String[]::new));
        return run;
    }

    static FilterStart start(Confirmed confirmed) {
        return new FilterStart(
                ID,
                "all",
                new FilterStart.Ends(
                        confirmed == Confirmed.PASS ? "client.example" : "<unknown>",
                        confirmed,
                        "192.0.2.1",
                        "192.0.2.1:4711",
                        "198.51.100.1:25"));
    }

    /// A client comes; the request to be answered.
    long begin() {
        long request = ++requests;
        hub.smtp(request, new SmtpToLka.FilterBegin(start(Confirmed.PASS)));
        return request;
    }

    void report(FilterEvent event, String... fields) {
        hub.smtp(0, new SmtpToLka.FilterReport(ID, event, List.of(fields)));
    }

    /// A command comes; the request to be answered.
    long query(FilterPhase phase, String value) {
        long request = ++requests;
        FilterSubject subject = new FilterSubject("helo.example", "user", "sender@example.org");
        hub.smtp(request, new SmtpToLka.FilterQuery(ID, phase, value, subject));
        return request;
    }

    long barrier() {
        long request = ++requests;
        hub.smtp(request, new SmtpToLka.FilterBarrier(ID));
        return request;
    }

    /// What was decided.
    FilterVerdict verdict(long request) {
        return switch (answers.get(request)) {
            case LkaToSmtp.FilterDecided(FilterVerdict verdict) -> verdict;
            case LkaToSmtp.FilterBegun(_, _, FilterVerdict verdict) -> verdict;
            case null, default -> throw new AssertionError("no decision: " + answers);
        };
    }

    FilterVerdict.Kind kind(long request) {
        return verdict(request).kind();
    }

    void content(long content, String text) {
        hub.smtp(0, new SmtpToLka.ContentPart(content, Bytes.of(text)));
    }

    /// Time passes.
    void pass(Duration time) {
        now = now.plus(time);
        hub.tick();
    }

    /// What has come back of edited messages.
    String edited() {
        StringBuilder text = new StringBuilder();
        for (LkaToSmtp message : sent) {
            if (message instanceof LkaToSmtp.EditedPart(_, Bytes part)) {
                text.append(part.utf8());
            }
        }
        return text.toString();
    }
}

package smtpd.lka.filter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.log.Traces;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;
import smtpd.core.slice.FilterSlice;
import smtpd.core.smtp.Printable;
import smtpd.core.stat.Statistics;
import smtpd.lka.dns.Dns;
import smtpd.lka.filter.FilterProtocol.Said;
import smtpd.lka.table.Table;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// Where sessions and filters meet: one thread, the agent's, in which nothing waits.
///
/// Invariants · every question of smtp is answered once: by a decision, by the policy of a filter
/// that does not answer, or by the loss of the link. What one session or one program does delays no
/// other.
public final class FilterHub {
    private static final Logger LOG = LoggerFactory.getLogger(FilterHub.class);

    /// How often deadlines are looked at.
    static final Duration TICK = Duration.ofMillis(500);

    /// How long the beginning of a session waits for programs that may be ready soon.
    static final Duration BEGIN_PATIENCE = Duration.ofSeconds(30);

    /// Sessions at a time: more than smtp and mta have.
    static final int SESSIONS_MAX = 40_000;

    private static final int SHOWN_MAX = 512;

    private final World world;
    private final String admd;
    private final Programs programs;
    private final Chronicle chronicle;
    private final Inquiries inquiries;
    private final FilterDns dns;
    private final Edits edits;
    private final Map<FilterSession.Key, FilterSession> sessions = new LinkedHashMap<>();
    private final List<Barrier> barriers = new ArrayList<>();

    /// What surrounds the hub.
    ///
    /// @param agenda the agent's time
    /// @param agent runs what happens elsewhere in the agent's thread
    /// @param workers runs what may wait for a table
    /// @param random for tokens
    /// @param statistics where it counts
    /// @param complaints told what is wrong with programs
    public record World(
            Agenda agenda,
            Executor agent,
            Executor workers,
            LongSupplier random,
            Statistics statistics,
            Consumer<String> complaints) {}

    /// Whom the hub answers.
    ///
    /// @param smtp the sessions of clients
    /// @param mta the sessions with servers
    public record Peers(Peer<LkaToSmtp, SmtpToLka> smtp, Peer<LkaToMta, MtaToLka> mta) {}

    private final Peers peers;

    /// A session that waits until its programs have read most of what they were told.
    private record Barrier(FilterSession session, long request) {}

    /// @param slice the filters
    /// @param world what surrounds the hub
    /// @param peers whom it answers
    /// @param tables finds a table
    /// @param dns answers questions of programs
    public FilterHub(
            FilterSlice slice, World world, Peers peers, Function<String, Table> tables, Dns dns) {
        this.world = world;
        this.peers = peers;
        this.admd = slice.admd();
        this.programs = new Programs(slice);
        this.chronicle = new Chronicle(world.agenda(), programs);
        this.inquiries = new Inquiries(world, programs, new Conditions(tables), chronicle);
        this.dns = new FilterDns(dns, world.agent());
        this.edits = new Edits(world, peers.smtp());
    }

    /// Starts the programs.
    public void start(FilterStarter starter) {
        programs.all().forEach((proc, program) -> new Runner(proc, starter, ears(program)).start());
        if (!programs.all().isEmpty()) {
            tick();
        }
    }

    /// A program by the name of its `proc`.
    FilterProgram program(String proc) {
        return java.util.Objects.requireNonNull(programs.all().get(proc));
    }

    /// What a program's own threads say, brought into the agent's.
    Runner.Ears ears(FilterProgram program) {
        return new Runner.Ears() {
            @Override
            public void started(Voice voice) {
                later(() -> program.started(voice, world.agenda().now(), admd));
            }

            @Override
            public void heard(List<String> lines) {
                later(() -> FilterHub.this.heard(program, lines));
            }

            @Override
            public void drained() {
                later(() -> FilterHub.this.drained(program));
            }

            @Override
            public void ended(String why, Duration wait) {
                later(() -> FilterHub.this.ended(program, why, wait));
            }

            private void later(Runnable task) {
                world.agent().execute(task);
            }
        };
    }

    /// What smtp says. In the agent's thread, as everything here.
    public void smtp(long request, SmtpToLka.ToFilters message) {
        switch (message) {
            case SmtpToLka.FilterBegin(FilterStart start) -> begin(request, Subsystem.IN, start);
            case SmtpToLka.FilterReport it ->
                    report(Subsystem.IN, it.session(), it.event(), it.fields());
            case SmtpToLka.FilterQuery it -> query(request, it);
            case SmtpToLka.FilterBarrier it -> barrier(request, it.session());
            case SmtpToLka.ContentBegin it -> {
                FilterSession session = sessions.get(key(Subsystem.IN, it.session()));
                edits.begin(it.content(), session, session == null ? List.of() : editors(session));
            }
            case SmtpToLka.ContentPart it -> edits.part(it.content(), it.part());
            case SmtpToLka.ContentEnd it -> edits.end(it.content(), it.wanted());
            case SmtpToLka.EditedCredit it -> edits.credit(it.content(), it.bytes());
        }
    }

    /// What the mta says.
    public void mta(long request, MtaToLka.ToFilters message) {
        switch (message) {
            case MtaToLka.FilterBegin(FilterStart start) -> begin(request, Subsystem.OUT, start);
            case MtaToLka.FilterReport it ->
                    report(Subsystem.OUT, it.session(), it.event(), it.fields());
        }
    }

    /// The process at the other end is gone, and its sessions with it.
    public void smtpLost() {
        lost(Subsystem.IN);
    }

    /// As [#smtpLost], for the mta.
    public void mtaLost() {
        lost(Subsystem.OUT);
    }

    private void lost(Subsystem subsystem) {
        List.copyOf(sessions.values()).stream()
                .filter(session -> session.key().subsystem() == subsystem)
                .forEach(session -> tell(session, FilterEvent.LINK_DISCONNECT, List.of()));
    }

    private static FilterSession.Key key(Subsystem subsystem, SessionId id) {
        return new FilterSession.Key(subsystem, id);
    }

    private void begin(long request, Subsystem subsystem, FilterStart start) {
        FilterSession session =
                new FilterSession(
                        key(subsystem, start.session()),
                        start.ends(),
                        programs.members(start.filter()));
        boolean possible = programs.has(start.filter()) && sessions.size() < SESSIONS_MAX;
        switch (subsystem) {
            case IN -> {
                if (possible) {
                    sessions.put(session.key(), session);
                    Instant until = world.agenda().now().plus(BEGIN_PATIENCE);
                    session.waits(new FilterSession.Opening(request, until));
                    openIfReady(session);
                } else {
                    refuse(request, session);
                }
            }
            case OUT ->
                    listen(
                            request,
                            session,
                            possible
                                    ? chronicle.events(session)
                                    : EnumSet.noneOf(FilterEvent.class));
        }
    }

    /// A session with a server begins, which waits for nobody: a program that is not there yet is
    /// told of it later. Where no program wants to know, nothing more is said of it.
    private void listen(long request, FilterSession session, Set<FilterEvent> events) {
        if (!events.isEmpty()) {
            sessions.put(session.key(), session);
            connected(session);
        }
        peers.mta().answer(request, new LkaToMta.FilterBegun(events));
    }

    /// The first thing programs are told.
    private void connected(FilterSession session) {
        FilterStart.Ends ends = session.ends();
        String confirmed = ends.confirmed().name().toLowerCase(java.util.Locale.ROOT);
        tell(
                session,
                FilterEvent.LINK_CONNECT,
                List.of(ends.name(), confirmed, ends.source(), ends.destination()));
    }

    private void refuse(long request, FilterSession session) {
        FilterVerdict verdict =
                new FilterVerdict(FilterVerdict.Kind.DISCONNECT, Evaluation.UNAVAILABLE);
        begun(request, session, EnumSet.noneOf(FilterPhase.class), verdict);
    }

    /// Opens a session unless one of its programs may be ready soon.
    private void openIfReady(FilterSession session) {
        FilterSession.Opening opening = session.opening();
        if (opening == null) {
            return;
        }
        boolean patient = world.agenda().now().isBefore(opening.until());
        for (FilterConf.Program filter : session.programs()) {
            FilterProgram program = programs.of(filter);
            if (!program.isReady() && program.isComing() && patient) {
                return;
            }
        }
        session.waits(null);
        open(opening.request(), session);
    }

    private void open(long request, FilterSession session) {
        boolean complete = true;
        for (FilterConf.Program filter : session.programs()) {
            FilterProgram program = programs.of(filter);
            complete &= program.isReady();
            if (!program.isReady() && filter.trouble().fail() == FilterConf.Fail.TEMPFAIL) {
                world.complaints().accept("filter " + filter.name() + ": is not there: tempfail");
                sessions.remove(session.key());
                refuse(request, session);
                return;
            }
            if (program.isReady()) {
                session.introduced(program);
            }
        }
        connected(session);
        Set<FilterPhase> phases =
                complete ? chronicle.phases(session) : EnumSet.allOf(FilterPhase.class);
        inquiries.ask(
                session,
                FilterPhase.CONNECT,
                "",
                new FilterSubject("", "", ""),
                verdict -> begun(request, session, phases, verdict));
    }

    private void begun(
            long request, FilterSession session, Set<FilterPhase> phases, FilterVerdict verdict) {
        Set<FilterEvent> events = chronicle.events(session);
        peers.smtp().answer(request, new LkaToSmtp.FilterBegun(phases, events, verdict));
    }

    private void report(Subsystem subsystem, SessionId id, FilterEvent event, List<String> fields) {
        FilterSession session = sessions.get(key(subsystem, id));
        if (session != null) {
            tell(session, event, fields);
        }
    }

    private void query(long request, SmtpToLka.FilterQuery it) {
        FilterSession session = sessions.get(key(Subsystem.IN, it.session()));
        if (session == null) {
            // we have died since it began
            decided(
                    request,
                    new FilterVerdict(FilterVerdict.Kind.DISCONNECT, Evaluation.UNAVAILABLE));
            return;
        }
        world.statistics().increment("lka.filter.query");
        inquiries.ask(
                session,
                it.phase(),
                it.value(),
                it.subject(),
                verdict -> decided(request, verdict));
    }

    private void decided(long request, FilterVerdict verdict) {
        peers.smtp().answer(request, new LkaToSmtp.FilterDecided(verdict));
    }

    private void barrier(long request, SessionId id) {
        FilterSession session = sessions.get(key(Subsystem.IN, id));
        if (session == null || isThrough(session)) {
            decided(request, FilterVerdict.PROCEED);
        } else {
            barriers.add(new Barrier(session, request));
        }
    }

    private boolean isThrough(FilterSession session) {
        return session.programs().stream().map(programs::of).allMatch(FilterProgram::hasRoom);
    }

    /// The programs that edit the messages of a session, and those that might want to.
    private List<Edits.Editor> editors(FilterSession session) {
        List<Edits.Editor> editors = new ArrayList<>();
        for (FilterConf.Program filter : session.programs()) {
            FilterProgram program = programs.of(filter);
            boolean there = session.isKnownTo(program);
            if (!there || program.wants(FilterPhase.DATA_LINE)) {
                editors.add(new Edits.Editor(filter, program, there));
            }
        }
        return editors;
    }

    private void tell(FilterSession session, FilterEvent event, List<String> fields) {
        chronicle.tell(session, event, fields);
        if (event == FilterEvent.LINK_DISCONNECT) {
            sessions.remove(session.key());
            session.end();
            edits.abandon(session);
            inquiries.forget(session);
        }
    }

    /// Lines of a program.
    private void heard(FilterProgram program, List<String> lines) {
        program.heardAt(world.agenda().now());
        for (String line : lines) {
            if (Traces.on("filters")) {
                LOG.info("filters: {} >>> {}", program.shown(), Printable.escape(line, SHOWN_MAX));
            }
            String wrong = take(program, FilterProtocol.parse(line));
            if (!wrong.isEmpty()) {
                program.end("said what it must not: " + Printable.escape(wrong, SHOWN_MAX));
                return;
            }
        }
        edits.flush();
        edits.pump(program);
        program.batchDone();
    }

    /// Takes what a program says; returns what is wrong with it, or empty.
    private String take(FilterProgram program, Said said) {
        if (!program.isReady() && !isRegistration(said)) {
            return "it talks before it is ready";
        }
        return switch (said) {
            case Said.WantsEvent it -> {
                program.registration().add(it);
                yield "";
            }
            case Said.WantsPhase it -> {
                program.registration().add(it.phase());
                yield "";
            }
            case Said.WantsDns _ -> {
                program.registration().addDns();
                yield "";
            }
            case Said.Ready _ -> {
                program.ready();
                List.copyOf(sessions.values()).forEach(this::openIfReady);
                yield "";
            }
            case Said.Result it -> useful(program, inquiries.result(program, it));
            case Said.DataLine it ->
                    useful(program, edits.line(program, it.session(), it.token(), it.line()));
            case Said.Report it -> {
                FilterSession session = sessions.get(key(it.subsystem(), it.session()));
                if (session != null) {
                    chronicle.filterReport(session, "proc", program.shown(), it.text());
                }
                yield useful(program, session != null);
            }
            case Said.DnsQuery it when program.registration().dns() -> {
                dns.ask(program, it);
                yield useful(program, true);
            }
            case Said.DnsQuery _ -> "it asks DNS and has not registered for it";
            case Said.Nonsense(String why) -> why;
        };
    }

    private static boolean isRegistration(Said said) {
        return said instanceof Said.WantsEvent
                || said instanceof Said.WantsPhase
                || said instanceof Said.WantsDns
                || said instanceof Said.Ready
                || said instanceof Said.Nonsense;
    }

    private static String useful(FilterProgram program, boolean useful) {
        if (useful) {
            program.useful();
            return "";
        }
        return program.useless() ? "it answers what nobody asked, again and again" : "";
    }

    private void drained(FilterProgram program) {
        edits.pump(program);
        releaseBarriers();
    }

    private void releaseBarriers() {
        if (!barriers.isEmpty()) {
            List<Barrier> waiting = List.copyOf(barriers);
            barriers.clear();
            for (Barrier barrier : waiting) {
                if (isThrough(barrier.session())) {
                    decided(barrier.request(), FilterVerdict.PROCEED);
                } else {
                    barriers.add(barrier);
                }
            }
        }
    }

    /// A run of a program is over.
    private void ended(FilterProgram program, String why, Duration wait) {
        world.statistics().increment("lka.filter.restart");
        world.complaints().accept("filter " + program.shown() + ": its program " + why);
        program.ended(wait);
        dns.forget(program);
        edits.lost(program);
        inquiries.lost(program);
        List.copyOf(sessions.values()).forEach(this::openIfReady);
        releaseBarriers();
    }

    void tick() {
        Instant now = world.agenda().now();
        inquiries.tick(now);
        edits.tick(now);
        for (FilterProgram program : programs.all().values()) {
            String trouble = program.trouble(now);
            if (!trouble.isEmpty()) {
                program.end(trouble);
            }
        }
        List.copyOf(sessions.values()).forEach(this::openIfReady);
        releaseBarriers();
        world.agenda().after(TICK, this::tick);
    }
}

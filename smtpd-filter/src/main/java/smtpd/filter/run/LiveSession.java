package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Daemon;
import smtpd.filter.DnsAnswer;
import smtpd.filter.DnsType;
import smtpd.filter.Report;
import smtpd.filter.Session;
import smtpd.filter.State;
import smtpd.filter.Subsystem;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// A session that is there. What is known of it is written by its lane and read by anybody.
final class LiveSession implements Session {
    private final String id;
    private final Subsystem subsystem;
    private final House house;
    private final Lane lane;
    private final Map<State<?>, Object> states = new HashMap<>();
    private final List<String> recipients = new CopyOnWriteArrayList<>();
    private volatile Report.@Nullable LinkConnect link;
    private volatile String helo = "";
    private volatile String tls = "";
    private volatile String user = "";
    private volatile String msgid = "";
    private volatile String sender = "";
    private @Nullable Editing editing;

    /// What all sessions share.
    ///
    /// @param hasDns whether names may be looked up
    record House(
            Daemon daemon, DnsDesk dns, Texts texts, Busy busy, Faults faults, boolean hasDns) {}

    /// Tells texts.
    interface Texts {
        /// Has a text told in a report.
        void tell(Subsystem subsystem, String session, String text);
    }

    LiveSession(String id, Subsystem subsystem, House house) {
        this.id = id;
        this.subsystem = subsystem;
        this.house = house;
        this.lane = new Lane(house.busy(), why -> house.faults().tell(id, "task", why));
    }

    Lane lane() {
        return lane;
    }

    /// The editing of a message; a new token is a new message.
    @Nullable Editing editing() {
        return editing;
    }

    void editing(@Nullable Editing next) {
        editing = next;
    }

    /// What a report says about the session itself. Called by the lane, before its listeners.
    void learn(Report report) {
        switch (report) {
            case Report.LinkConnect it -> link = it;
            case Report.LinkIdentify it -> helo = it.name();
            case Report.LinkTls it -> tls = it.tls();
            case Report.LinkAuth it when it.result() == Report.AuthResult.PASS -> user = it.user();
            case Report.TxBegin it -> msgid = it.msgid();
            case Report.TxMail it when it.result() == Report.Result.OK -> sender = it.address();
            case Report.TxRcpt it when it.result() == Report.Result.OK ->
                    recipients.add(it.address());
            case Report _ -> {}
        }
    }

    /// Nothing of an earlier transaction is left. Called by the lane.
    void beginTransaction() {
        msgid = "";
        sender = "";
        recipients.clear();
        states.keySet().removeIf(State::isOfTransaction);
    }

    /// Forgets everything. Called by the lane.
    void end() {
        beginTransaction();
        states.clear();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Subsystem subsystem() {
        return subsystem;
    }

    @Override
    public Daemon daemon() {
        return house.daemon();
    }

    @Override
    public String source() {
        Report.LinkConnect known = link;
        return known == null ? "" : known.source();
    }

    @Override
    public @Nullable InetAddress address() {
        Report.LinkConnect known = link;
        return known == null ? null : known.address();
    }

    @Override
    public String rdns() {
        Report.LinkConnect known = link;
        return known == null ? "<unknown>" : known.rdns();
    }

    @Override
    public Report.Fcrdns fcrdns() {
        Report.LinkConnect known = link;
        return known == null ? Report.Fcrdns.ERROR : known.fcrdns();
    }

    @Override
    public String helo() {
        return helo;
    }

    @Override
    public String tls() {
        return tls;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public String msgid() {
        return msgid;
    }

    @Override
    public String sender() {
        return sender;
    }

    @Override
    public List<String> recipients() {
        return List.copyOf(recipients);
    }

    @Override
    @SuppressWarnings("unchecked") // a key keeps what it made itself
    public <T> T state(State<T> key) {
        Object kept = states.get(key);
        if (kept == null) {
            T fresh = key.fresh();
            states.put(key, fresh);
            return fresh;
        }
        return (T) kept;
    }

    @Override
    public CompletableFuture<DnsAnswer> dns(DnsType type, String name) {
        if (!house.hasDns()) {
            throw new IllegalStateException("the filter has not declared usesDns()");
        }
        return house.dns().ask(id, type, name);
    }

    @Override
    public void report(String text) {
        if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("not a line of text: " + text);
        }
        house.texts().tell(subsystem, id, text);
    }

    @Override
    public void execute(Runnable task) {
        lane.execute(task);
    }

    @Override
    public String toString() {
        return id;
    }
}
